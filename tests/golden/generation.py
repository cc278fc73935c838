"""What transformers' logits processors and warpers make of logits, in float32.

Run      python generation.py      writes generation.safetensors beside this file
Needs    torch, transformers, numpy, safetensors
Content  logits (4, 61); tokens (4, 12), what came before; <case> (4, 61) with -inf for what is thrown out. No case is near
         an edge: a share that decides differs from the mark by more than 1e-5, so that rounding decides nothing.
         frequency (4, 61) is OpenAI's formula, for the tokens behind the first four; sigma (4, 61) top-n-sigma's.
         amateur (4, 61) and layers (3, 4, 61) are other logits; contrast, contrast_options, dola_static and dola (4, 61)
         state the formulas of the papers, from float64; dola.layer (4,) is the layer that dola took.
"""

import math
import pathlib

import torch
from safetensors.numpy import save_file
from transformers.generation import logits_process as L

ROWS, VOCABULARY, LENGTH = 4, 61, 12
INF = float("inf")


def near(values, mark, what):
    gap = (values - mark).abs().min().item()
    assert gap > 1e-5, f"{what}: {gap}"


def check_margins(name, scores, mark):
    """Distances of all sums and probabilities from the marks that decide, in float64."""
    p = scores.double().softmax(-1)
    if name.startswith("top_p"):
        near(p.sort(-1, descending=True)[0].cumsum(-1), mark, name)
    if name.startswith("min_p"):
        near((p / p.amax(-1, keepdim=True)), mark, name)
    if name.startswith("epsilon"):
        near(p, mark, name)
    if name.startswith("eta"):
        entropy = torch.distributions.Categorical(probs=p).entropy()[:, None]
        eta = torch.minimum(torch.tensor(mark, dtype=torch.float64), mark**0.5 * torch.exp(-entropy))
        near(p / eta, 1, name)
    if name.startswith("typical"):
        log_p = p.log()
        entropy = -(p * log_p).nansum(-1, keepdim=True)
        order = (-log_p - entropy).abs().sort(-1)[1]
        near(p.gather(-1, order).cumsum(-1), mark, name)


def main():
    torch.manual_seed(7)
    logits = torch.randn(ROWS, VOCABULARY) * torch.tensor([0.3, 1.5, 3.0, 6.0])[:, None]
    logits[1, 7::9] = -INF
    logits[2, 11] = logits[2, 12] = logits[2].max() - 1  # equals, which top-k treats alike
    # Of few tokens, so that there are repetitions; never one beside another of the same pair by chance alone.
    tokens = torch.randint(0, 9, (ROWS, LENGTH))
    tokens[3] = torch.tensor([1, 2, 3, 4, 1, 2, 3, 5, 6, 1, 2, 3])
    one = {
        "temperature_0.7": L.TemperatureLogitsWarper(0.7),
        "temperature_1.9": L.TemperatureLogitsWarper(1.9),
        "top_k_1": L.TopKLogitsWarper(1),
        "top_k_7": L.TopKLogitsWarper(7),
        "top_k_55": L.TopKLogitsWarper(55),
        "top_k_1000": L.TopKLogitsWarper(1000),
        "top_p_0.1": L.TopPLogitsWarper(0.1),
        "top_p_0.6": L.TopPLogitsWarper(0.6),
        "top_p_0.95": L.TopPLogitsWarper(0.95),
        "top_p_0.999": L.TopPLogitsWarper(0.999),
        "min_p_0.05": L.MinPLogitsWarper(0.05),
        "min_p_0.5": L.MinPLogitsWarper(0.5),
        "typical_0.2": L.TypicalLogitsWarper(0.2),
        "typical_0.9": L.TypicalLogitsWarper(0.9),
        "typical_0.99": L.TypicalLogitsWarper(0.99),
        "epsilon_0.003": L.EpsilonLogitsWarper(0.003),
        "epsilon_0.5": L.EpsilonLogitsWarper(0.5),
        "eta_0.003": L.EtaLogitsWarper(0.003),
        "eta_0.1": L.EtaLogitsWarper(0.1),
        "repetition_1.3": L.RepetitionPenaltyLogitsProcessor(1.3),
        "repetition_0.8": L.RepetitionPenaltyLogitsProcessor(0.8),
        "ngram_1": L.NoRepeatNGramLogitsProcessor(1),
        "ngram_2": L.NoRepeatNGramLogitsProcessor(2),
        "ngram_3": L.NoRepeatNGramLogitsProcessor(3),
        "ngram_20": L.NoRepeatNGramLogitsProcessor(20),
        "bias": L.SequenceBiasLogitsProcessor([[[3], 2.5], [[60], -INF], [[7], -1.25]]),
    }
    chains = {
        "chain_common": ["temperature_0.7", "top_k_7", "top_p_0.6"],
        "chain_late_penalties": ["top_k_55", "repetition_1.3", "ngram_2", "top_p_0.95", "temperature_1.9"],
        "chain_typical": ["repetition_0.8", "typical_0.9", "min_p_0.05"],
        "chain_cutoffs": ["temperature_1.9", "epsilon_0.003", "eta_0.003", "top_p_0.6"],
    }
    tensors = {"logits": logits, "tokens": tokens}
    for name, steps in ({name: [name] for name in one} | chains).items():
        scores = logits.clone()
        for step in steps:
            if "_" in step and step.split("_")[-1].replace(".", "").isdigit():
                check_margins(step, scores, float(step.split("_")[-1]))
            scores = one[step](tokens, scores.clone())
        tensors[name] = scores
    frequency = logits.double()
    for b in range(ROWS):
        for token in set(tokens[b, 4:].tolist()):
            frequency[b, token] -= 0.3 * (tokens[b, 4:] == token).sum().item() + 0.6
    tensors["frequency"] = frequency.float()
    finite = torch.where(logits.isinf(), torch.nan, logits).double()
    spread = (finite - finite.nanmean(-1, keepdim=True)).square().nanmean(-1, keepdim=True).sqrt()
    least = finite.nan_to_num(-INF).amax(-1, keepdim=True) - 1.2 * spread
    near(logits, least, "sigma")
    tensors["sigma"] = torch.where(logits < least, -INF, logits)
    amateur = torch.randn(ROWS, VOCABULARY) * 2
    layers = torch.randn(3, ROWS, VOCABULARY) * torch.tensor([[1.0], [2.0], [3.0], [0.5]])
    tensors |= {"amateur": amateur, "layers": layers}
    p = logits.double().log_softmax(-1)
    plausible = p >= p.amax(-1, keepdim=True) + math.log(0.1)
    near(p, p.amax(-1, keepdim=True) + math.log(0.1), "contrast")
    tensors["contrast"] = torch.where(plausible, p - amateur.double().log_softmax(-1), -INF).float()
    scores = 1.5 * p - 0.5 * (amateur.double() / 0.5).log_softmax(-1)
    tensors["contrast_options"] = torch.where(p >= p.amax(-1, keepdim=True) + math.log(0.3), scores, -1000).float()
    q = layers.double().log_softmax(-1)
    m = (0.5 * (p.exp() + q.exp())).log()
    terms = (p.exp() * (p - m)).nan_to_num(0) + q.exp() * (q - m)
    divergence = 0.5 * terms.sum(-1)  # (3, 4)
    best = divergence.topk(2, dim=0)[0]
    near(best[0], best[1], "dola")
    tensors["dola.layer"] = divergence.argmax(0)
    tensors["dola_static"] = torch.where(plausible, p - q[1], -INF).float()
    tensors["dola"] = torch.where(plausible, p - q[divergence.argmax(0), torch.arange(ROWS)], -INF).float()
    save_file({k: v.contiguous().numpy() for k, v in tensors.items()}, pathlib.Path(__file__).with_suffix(".safetensors"))


if __name__ == "__main__":
    main()
