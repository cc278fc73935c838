"""The log-likelihood of tokens over windows, by the recipe of transformers' documentation, in float64.

Run      python perplexity.py      writes perplexity.safetensors beside this file
Needs    torch, safetensors
Content  ids (45,); for each <context>_<stride>: .nll (n,) and .positions (n,) of the tokens that count, each once;
         answers.<i> (n,) the same for the tokens of an answer to the prompt ids[:7]. The model is `Remembering` of
         tests/generation/toy_models.hpp, with 30 tokens.
"""

import pathlib

import torch
from safetensors.torch import save_file

VOCABULARY, WIDTH = 30, 6
ANSWERS = [[3, 4], [11], [7, 7, 7, 1, 2]]


def noise(a, b, c):
    return torch.sin(torch.as_tensor(a * 12.9898 + b * 78.233 + c * 37.719, dtype=torch.float64))


def model(ids):
    """(T,) -> logits (T, V)"""
    c = torch.arange(WIDTH, dtype=torch.float64)
    head = noise(torch.arange(VOCABULARY, dtype=torch.float64)[:, None], c, 3)
    state, logits = torch.zeros(WIDTH, dtype=torch.float64), []
    for position, token in enumerate(ids.tolist()):
        state = torch.tanh(0.7 * state + noise(token, c, 1) + 0.3 * noise(position, c, 2))
        logits.append(head @ state)
    return torch.stack(logits)


def main():
    torch.manual_seed(1)
    ids = torch.randint(0, VOCABULARY, (45,))
    tensors = {"ids": ids}
    for context, stride in [(16, 8), (16, 16), (64, 32), (10, 3), (2, 1)]:
        losses, positions, previous = [], [], 0
        for begin in range(0, len(ids), stride):
            end = min(begin + context, len(ids))
            window, labels = ids[begin:end], ids[begin:end].clone()
            labels[: -(end - previous)] = -100
            loss = torch.nn.functional.cross_entropy(model(window)[:-1], labels[1:], reduction="none", ignore_index=-100)
            for i in (labels[1:] != -100).nonzero()[:, 0].tolist():
                losses.append(loss[i])
                positions.append(begin + 1 + i)
            previous = end
            if end == len(ids):
                break
        tensors[f"{context}_{stride}.nll"] = torch.stack(losses)
        tensors[f"{context}_{stride}.positions"] = torch.tensor(positions)
    for i, answer in enumerate(ANSWERS):
        whole = torch.cat([ids[:7], torch.tensor(answer)])
        tensors[f"answers.{i}"] = torch.nn.functional.cross_entropy(model(whole)[6:-1], whole[7:], reduction="none")
    save_file(tensors, pathlib.Path(__file__).with_suffix(".safetensors"))


if __name__ == "__main__":
    main()
