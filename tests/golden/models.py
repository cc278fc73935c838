"""Small language models as transformers makes, saves and computes them.

Run      python models.py        writes folders into models/ beside this file
Needs    torch, transformers, safetensors

A folder holds config.json and model.safetensors as save_pretrained writes them, with random weights, and
expected.safetensors:
         ids          I64  (2, 12)
         logits       F32  (2, 12, vocabulary), of all but bert
         loss         F32  ()  mean cross entropy of the next token, and
         grad.<name>  F32  its gradient by each parameter, for gpt2, llama and deepseek: under the names of the file
         mask         I64  (2, 12), and hidden (2, 12, width) and pooled (2, width), of bert: the second text is shorter
Computed in float64 from the float32 weights, but for what transformers itself does in float32 (softmax, norms, angles).
"""

import pathlib
import shutil

import torch
from safetensors.torch import load_file, save_file
from transformers import (AutoModel, AutoModelForCausalLM, BertConfig, DeepseekV2Config, GPT2Config, LlamaConfig,
                          MistralConfig, Qwen2Config)

FOLDER = pathlib.Path(__file__).with_suffix("")
SMALL = {"vocab_size": 61, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
         "max_position_embeddings": 64, "bos_token_id": 1, "eos_token_id": 2}
TINY = SMALL | {"hidden_size": 16, "intermediate_size": 24}
THETA = {"rope_theta": 10000.0}
LATENT = {"kv_lora_rank": 16, "qk_nope_head_dim": 8, "qk_rope_head_dim": 4, "v_head_dim": 6, "moe_intermediate_size": 12,
          "n_routed_experts": 8, "num_experts_per_tok": 3, "first_k_dense_replace": 1, "n_shared_experts": 2}
CONFIGS = {
    "gpt2": GPT2Config(vocab_size=61, n_positions=16, n_embd=32, n_layer=2, n_head=4, bos_token_id=1, eos_token_id=2,
                       resid_pdrop=0, embd_pdrop=0, attn_pdrop=0),
    "llama": LlamaConfig(**SMALL, num_key_value_heads=2, rms_norm_eps=1e-5, rope_parameters=THETA | {"rope_type": "default"}),
    "llama_linear": LlamaConfig(**TINY, tie_word_embeddings=True, rope_parameters=THETA | {"rope_type": "linear", "factor": 4.0}),
    "llama3": LlamaConfig(**TINY, num_key_value_heads=1, attention_bias=True, mlp_bias=True, head_dim=12,
                          rope_parameters={"rope_theta": 5000.0, "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
                                           "high_freq_factor": 4.0, "original_max_position_embeddings": 32}),
    "llama_yarn": LlamaConfig(**TINY, num_key_value_heads=4, tie_word_embeddings=True,
                              rope_parameters=THETA | {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}),
    "llama_ntk": LlamaConfig(**TINY | {"max_position_embeddings": 8}, rope_parameters=THETA | {"rope_type": "dynamic", "factor": 2.0}),
    "mistral": MistralConfig(**TINY, num_key_value_heads=2, sliding_window=5, rope_parameters=THETA | {"rope_type": "default"}),
    "qwen2": Qwen2Config(**TINY, num_key_value_heads=2, use_sliding_window=True, sliding_window=4, max_window_layers=1,
                         rope_parameters=THETA | {"rope_type": "default"}),
    "deepseek_v2": DeepseekV2Config(**SMALL, **LATENT, q_lora_rank=20, n_group=4, topk_group=2, topk_method="group_limited_greedy",
                                    routed_scaling_factor=1.5,
                                    rope_parameters=THETA | {"rope_type": "yarn", "factor": 4.0, "beta_fast": 32, "beta_slow": 1,
                                                             "mscale": 0.707, "mscale_all_dim": 1.1,
                                                             "original_max_position_embeddings": 16}),
    "deepseek_v2_lite": DeepseekV2Config(**SMALL, **LATENT, q_lora_rank=None, rope_parameters=THETA | {"rope_type": "default"}),
    "bert": BertConfig(vocab_size=61, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
                       max_position_embeddings=16, hidden_dropout_prob=0, attention_probs_dropout_prob=0),
}
WITH_GRADIENTS = {"gpt2", "llama", "deepseek_v2"}

torch.manual_seed(5)
for name, config in CONFIGS.items():
    config._attn_implementation = config._experts_implementation = "eager"
    model = (AutoModel if name == "bert" else AutoModelForCausalLM).from_config(config)
    with torch.no_grad():
        for key, p in model.named_parameters():
            # Scales around 1, biases around 0, and matrices that keep the size of what they multiply.
            if p.ndim == 1:
                p.copy_((1.0 if "weight" in key else 0.0) + 0.1 * torch.randn(p.shape))
            else:
                p.copy_(torch.randn(p.shape) * (0.3 if "embed" in key or "wte" in key or "wpe" in key else p.shape[-1] ** -0.5))
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    model = type(model).from_pretrained(folder, attn_implementation="eager", experts_implementation="eager").double().eval()
    ids = torch.randint(0, 61, (2, 12))
    expected = {"ids": ids}
    if name == "bert":
        mask = torch.ones_like(ids)
        mask[1, 7:] = 0
        out = model(ids, attention_mask=mask)
        expected |= {"mask": mask, "hidden": out.last_hidden_state.float(), "pooled": out.pooler_output.float()}
    else:
        logits = model(ids).logits
        expected["logits"] = logits.float()
        if name in WITH_GRADIENTS:
            targets = torch.roll(ids, -1, 1)
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
            loss.backward()
            expected |= {"targets": targets, "loss": loss.float()}
            # The gradients in the place of the parameters, saved by the same code, have the names of the file.
            with torch.no_grad():
                for p in model.parameters():
                    p.copy_(torch.zeros_like(p) if p.grad is None else p.grad)
            model.float().save_pretrained(folder / "gradients")
            expected |= {"grad." + k: v for k, v in load_file(folder / "gradients/model.safetensors").items()}
            shutil.rmtree(folder / "gradients")
    save_file({k: v.detach().contiguous() for k, v in expected.items()}, folder / "expected.safetensors")
    print(name, sum(f.stat().st_size for f in folder.iterdir()), "bytes", *load_file(folder / "model.safetensors"), sep=" ")
