"""Rates of rotary position embedding with every scaling, as transformers computes them.

Run      python rotary.py      writes rotary.safetensors beside this file
Needs    torch, transformers, safetensors

Content  <name>             F32  (width / 2,)  inv_freq
         <name>.magnitude   F32  ()            what cosines and sines are multiplied by
"""

import pathlib

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

CASES = {
    "linear": {"rope_type": "linear", "factor": 4.0},
    "dynamic": {"rope_type": "dynamic", "factor": 3.0},
    "yarn": {"rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 512},
    "yarn_deepseek": {"rope_type": "yarn", "factor": 40.0, "original_max_position_embeddings": 4096, "beta_fast": 32,
                      "beta_slow": 1, "mscale": 0.707, "mscale_all_dim": 1.2},
    "yarn_smooth": {"rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": 300, "truncate": False,
                    "attention_factor": 1.25},
    "llama3": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
               "original_max_position_embeddings": 8192, "rope_theta": 500000.0},
}

tensors = {}
for name, rope in CASES.items():
    config = LlamaConfig(hidden_size=256, num_attention_heads=4, max_position_embeddings=1024,
                         rope_parameters={"rope_theta": 10000.0} | rope)
    length = {"seq_len": 2500} if name == "dynamic" else {}
    rates, magnitude = ROPE_INIT_FUNCTIONS[rope["rope_type"]](config, None, **length)
    tensors[name] = rates
    tensors[name + ".magnitude"] = torch.tensor(float(magnitude))
path = pathlib.Path(__file__).with_suffix(".safetensors")
save_file(tensors, path)
print(path.name, path.stat().st_size, "bytes")
