"""Checks that transformers loads models that the library saved, and computes what it computed of the originals.

Run      python models_check.py FOLDER      FOLDER/<name> for the names of models.py, written by save_pretrained of what
                                            load_pretrained made of models/<name>
Needs    torch, transformers, safetensors
"""

import pathlib
import sys

import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoModelForCausalLM

ORIGINALS = pathlib.Path(__file__).with_name("models")
checked = 0
for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    expected = load_file(ORIGINALS / folder.name / "expected.safetensors")
    kind = AutoModel if folder.name == "bert" else AutoModelForCausalLM
    model, report = kind.from_pretrained(folder, attn_implementation="eager", experts_implementation="eager",
                                         output_loading_info=True)
    assert not any(report.values()), (folder.name, report)
    with torch.no_grad():
        if folder.name == "bert":
            difference = model(expected["ids"], attention_mask=expected["mask"]).last_hidden_state - expected["hidden"]
        else:
            difference = model(expected["ids"]).logits - expected["logits"]
    worst = difference.abs().max().item()
    print(f"{folder.name:20} {worst:.1e}")
    assert worst < 1e-4, folder.name
    checked += 1
print(checked, "models")
