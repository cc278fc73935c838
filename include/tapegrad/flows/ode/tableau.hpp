// Runge-Kutta methods as tables of numbers (Butcher tableaux).
#pragma once

#include <array>
#include <cstdint>

#include "../../core/error.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Ways to follow dy/dt = f(t, y). The first four take steps of a given length; the others choose theirs.
enum class OdeMethod {
    euler,     // order 1, 1 evaluation a step
    midpoint,  // order 2, 2
    heun,      // order 2, 2: the trapezoidal rule
    rk4,       // order 4, 4: the 3/8 rule, which torchdiffeq calls rk4
    bosh3,     // order 3, 3: Bogacki and Shampine 1989
    dopri5,    // order 5, 6: Dormand and Prince 1980
    tsit5,     // order 5, 6: Tsitouras 2011
    dopri8,    // order 8, 13: Prince and Dormand 1981
};

/// A step from y over h, by stages k_i = f(t + node_i h, y + h sum_j coupling_ij k_j):
///   y + h sum_i weight_i k_i, of which h sum_i error_i k_i is the estimated error,
///   and y + h sum_i middle_i k_i is the solution at t + h / 2.
/// Where `last_is_next`, the last stage is f at the end of the step: the first stage of the next one.
struct ButcherTableau {
    static constexpr std::size_t most = 14;
    using Row = std::array<double, most>;
    const char* name;
    std::size_t stages;
    int order;
    bool adaptive;  // has error and middle
    bool last_is_next;
    Row node{}, weight{}, error{}, middle{};
    std::array<Row, most> coupling{};
};

namespace detail {

inline constexpr ButcherTableau euler_tableau{
    .name = "euler", .stages = 1, .order = 1, .adaptive = false, .last_is_next = false, .weight = {1}};

inline constexpr ButcherTableau midpoint_tableau{.name = "midpoint",
                                                 .stages = 2,
                                                 .order = 2,
                                                 .adaptive = false,
                                                 .last_is_next = false,
                                                 .node = {0, 0.5},
                                                 .weight = {0, 1},
                                                 .coupling = {{{}, {0.5}}}};

inline constexpr ButcherTableau heun_tableau{.name = "heun",
                                             .stages = 2,
                                             .order = 2,
                                             .adaptive = false,
                                             .last_is_next = false,
                                             .node = {0, 1},
                                             .weight = {0.5, 0.5},
                                             .coupling = {{{}, {1}}}};

inline constexpr ButcherTableau rk4_tableau{.name = "rk4",
                                            .stages = 4,
                                            .order = 4,
                                            .adaptive = false,
                                            .last_is_next = false,
                                            .node = {0, 1. / 3, 2. / 3, 1},
                                            .weight = {1. / 8, 3. / 8, 3. / 8, 1. / 8},
                                            .coupling = {{{}, {1. / 3}, {-1. / 3, 1}, {1, -1, 1}}}};

inline constexpr ButcherTableau bosh3_tableau{
    .name = "bosh3",
    .stages = 4,
    .order = 3,
    .adaptive = true,
    .last_is_next = true,
    .node = {0, 1. / 2, 3. / 4, 1},
    .weight = {2. / 9, 1. / 3, 4. / 9, 0},
    .error = {2. / 9 - 7. / 24, 1. / 3 - 1. / 4, 4. / 9 - 1. / 3, -1. / 8},
    // The cubic polynomial through both ends and their slopes.
    .middle = {1. / 9 + 1. / 8, 1. / 6, 2. / 9, -1. / 8},
    .coupling = {{{}, {1. / 2}, {0, 3. / 4}, {2. / 9, 1. / 3, 4. / 9}}}};

inline constexpr ButcherTableau dopri5_tableau{
    .name = "dopri5",
    .stages = 7,
    .order = 5,
    .adaptive = true,
    .last_is_next = true,
    .node = {0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1},
    .weight = {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84, 0},
    // Against the weights of Shampine 1986, of order 4.
    .error = {35. / 384 - 1951. / 21600, 0, 500. / 1113 - 22642. / 50085, 125. / 192 - 451. / 720,
              -2187. / 6784 + 12231. / 42400, 11. / 84 - 649. / 6300, -1. / 60},
    .middle = {6025192743. / 30085553152 / 2, 0, 51252292925. / 65400821598 / 2,
               -2691868925. / 45128329728 / 2, 187940372067. / 1594534317056 / 2,
               -1776094331. / 19743644256 / 2, 11237099. / 235043384 / 2},
    .coupling = {{{},
                  {1. / 5},
                  {3. / 40, 9. / 40},
                  {44. / 45, -56. / 15, 32. / 9},
                  {19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
                  {9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
                  {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84}}}};

/// The weights of Tsitouras' interpolant at the middle of a step.
constexpr ButcherTableau::Row tsit5_middle() {
    constexpr double x = 0.5, q = x * x;
    return {-1.0530884977290216 * x * (x - 1.3299890189751412) *
                (q - 1.4364028541716351 * x + 0.7139816917074209),
            0.1017 * q * (q - 2.1966568338249754 * x + 1.2949852507374631),
            2.490627285651252793 * q * (q - 2.38535645472061657 * x + 1.57803468208092486),
            -16.54810288924490272 * q * (x - 1.21712927295533244) * (x - 0.61620406037800089),
            47.37952196281928122 * q * (x - 1.203071208372362603) * (x - 0.658047292653547382),
            -34.87065786149660974 * q * (x - 1.2) * (x - 2. / 3),
            2.5 * q * (x - 1) * (x - 0.6)};
}

inline constexpr ButcherTableau tsit5_tableau{
    .name = "tsit5",
    .stages = 7,
    .order = 5,
    .adaptive = true,
    .last_is_next = true,
    .node = {0, 0.161, 0.327, 0.9, 0.9800255409045097, 1, 1},
    .weight = {0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081,
               2.324710524099774, 0},
    .error = {-0.00178001105222577714, -0.0008164344596567469, 0.007880878010261995, -0.1447110071732629,
              0.5823571654525552, -0.45808210592918697, 0.015151515151515152},
    .middle = tsit5_middle(),
    .coupling = {
        {{},
         {0.161},
         {-0.008480655492356989, 0.335480655492357},
         {2.8971530571054935, -6.359448489975075, 4.3622954328695815},
         {5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525},
         {5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401, -0.028269050394068383},
         {0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081,
          2.324710524099774}}}};

/// The weights of torchdiffeq's interpolant at the middle of a step of dopri8.
constexpr ButcherTableau::Row dopri8_middle() {
    constexpr double h = 0.5;
    const auto row = [](double five, double four, double three, double two, double one, double zero = 0) {
        return h * (((((five * h + four) * h + three) * h + two) * h + one) * h + zero);
    };
    return {row(-6.3448349392860401388, 22.1396504998094068976, -30.0610568289666450593,
                19.9990069333683970610, -6.6910181737837595697, 1),
            0,
            0,
            0,
            0,
            row(-39.6107919852202505218, 116.4422149550342161651, -121.4999627731334642623,
                52.2273532792945524050, -7.6142658045872677172),
            row(20.3761213808791436958, -67.1451318825957197185, 83.1721004639847717481,
                -46.8919164181093621583, 10.7281392630428866124),
            row(7.3347098826795362023, -16.5672243527496524646, 9.5724507555993664382, -0.1890893225010595467,
                0.5526637063753648783),
            row(32.8801774352459155182, -89.9916014847245016028, 87.8406057677205645007,
                -35.7075975946222072821, 4.2186562625665153803),
            row(-10.1588990526426760954, 22.6237489648532849093, -17.4152107770762969005,
                6.2736448083240352160, -0.6627209125361597559),
            row(-12.5401268098782561200, 32.2362340167355370113, -28.5903289514790976966,
                10.3160881272450748458, -1.2636789001135462218),
            row(29.5553001484516038033, -82.1020315488359848644, 81.6630950584341412934,
                -34.7650769866611817349, 5.4106037898590422230),
            row(-41.7923486424390588923, 116.2662185791119533462, -114.9375291377009418170,
                47.7457971078225540396, -7.0321379067945741781),
            row(20.3006925822100825485, -53.9020777466385396792, 50.2558364226176017553,
                -19.0082099341608028453, 2.3537586759714983486)};
}

inline constexpr ButcherTableau dopri8_tableau{
    .name = "dopri8",
    .stages = 14,
    .order = 8,
    .adaptive = true,
    .last_is_next = true,
    .node = {0, 1. / 18, 1. / 12, 1. / 8, 5. / 16, 3. / 8, 59. / 400, 93. / 200, 5490023248. / 9719169821,
             13. / 20, 1201146811. / 1299019798, 1, 1, 1},
    .weight = {14005451. / 335480064, 0, 0, 0, 0, -59238493. / 1068277825, 181606767. / 758867731,
               561292985. / 797845732, -1041891430. / 1371343529, 760417239. / 1151165299,
               118820643. / 751138087, -528747749. / 2220607170, 1. / 4, 0},
    .error = {14005451. / 335480064 - 13451932. / 455176623, 0, 0, 0, 0,
              -59238493. / 1068277825 + 808719846. / 976000145,
              181606767. / 758867731 - 1757004468. / 5645159321,
              561292985. / 797845732 - 656045339. / 265891186,
              -1041891430. / 1371343529 + 3867574721. / 1518517206,
              760417239. / 1151165299 - 465885868. / 322736535,
              118820643. / 751138087 - 53011238. / 667516719, -528747749. / 2220607170 - 2. / 45, 1. / 4, 0},
    .middle = dopri8_middle(),
    .coupling = {
        {{},
         {1. / 18},
         {1. / 48, 1. / 16},
         {1. / 32, 0, 3. / 32},
         {5. / 16, 0, -75. / 64, 75. / 64},
         {3. / 80, 0, 0, 3. / 16, 3. / 20},
         {29443841. / 614563906, 0, 0, 77736538. / 692538347, -28693883. / 1125000000,
          23124283. / 1800000000},
         {16016141. / 946692911, 0, 0, 61564180. / 158732637, 22789713. / 633445777, 545815736. / 2771057229,
          -180193667. / 1043307555},
         {39632708. / 573591083, 0, 0, -433636366. / 683701615, -421739975. / 2616292301,
          100302831. / 723423059, 790204164. / 839813087, 800635310. / 3783071287},
         {246121993. / 1340847787, 0, 0, -37695042795. / 15268766246, -309121744. / 1061227803,
          -12992083. / 490766935, 6005943493. / 2108947869, 393006217. / 1396673457, 123872331. / 1001029789},
         {-1028468189. / 846180014, 0, 0, 8478235783. / 508512852, 1311729495. / 1432422823,
          -10304129995. / 1701304382, -48777925059. / 3047939560, 15336726248. / 1032824649,
          -45442868181. / 3398467696, 3065993473. / 597172653},
         {185892177. / 718116043, 0, 0, -3185094517. / 667107341, -477755414. / 1098053517,
          -703635378. / 230739211, 5731566787. / 1027545527, 5232866602. / 850066563,
          -4093664535. / 808688257, 3962137247. / 1805957418, 65686358. / 487910083},
         {403863854. / 491063109, 0, 0, -5068492393. / 434740067, -411421997. / 543043805,
          652783627. / 914296604, 11173962825. / 925320556, -13158990841. / 6184727034,
          3936647629. / 1978049680, -160528059. / 685178525, 248638103. / 1413531060, 0},
         {14005451. / 335480064, 0, 0, 0, 0, -59238493. / 1068277825, 181606767. / 758867731,
          561292985. / 797845732, -1041891430. / 1371343529, 760417239. / 1151165299, 118820643. / 751138087,
          -528747749. / 2220607170, 1. / 4}}}};

}

/// The table of a method.
/// Throws   ValueError: a number that is no method
constexpr const ButcherTableau& tableau_of(OdeMethod method) {
    switch (method) {
        case OdeMethod::euler:
            return detail::euler_tableau;
        case OdeMethod::midpoint:
            return detail::midpoint_tableau;
        case OdeMethod::heun:
            return detail::heun_tableau;
        case OdeMethod::rk4:
            return detail::rk4_tableau;
        case OdeMethod::bosh3:
            return detail::bosh3_tableau;
        case OdeMethod::dopri5:
            return detail::dopri5_tableau;
        case OdeMethod::tsit5:
            return detail::tsit5_tableau;
        case OdeMethod::dopri8:
            return detail::dopri8_tableau;
    }
    detail::fail<ValueError>("odeint", "there is no method ", static_cast<int>(method));
}

}
