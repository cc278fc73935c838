// Linear algebra: factorisations, systems of equations, eigenvalues, singular values, exponentials of matrices.
#pragma once

#include "ops/cholesky.hpp"
#include "ops/det.hpp"
#include "ops/eigh.hpp"
#include "ops/lu.hpp"
#include "ops/matrix_exp.hpp"
#include "ops/qr.hpp"
#include "ops/solve.hpp"
#include "ops/solve_triangular.hpp"
#include "ops/svd.hpp"
