"""Mixtures of experts of transformers: DeepSeek-V2, DeepSeek-V3 and Mixtral, in float64.

Run      python moe.py      writes moe.safetensors beside this file
Needs    torch, transformers, safetensors

Content  names are <case>.<what>
         state.<key>     the state dict, with a key for each expert as in the files of these models
         x, y, dy, dx    input, result, upstream gradient, gradient of the input
         grad.<key>      of the parameters; zeros of an expert that no token chose
         weights, experts   what the router decided, ascending by expert
         aux             mixtral: load_balancing_loss_func
"""

import pathlib

import torch
from safetensors.torch import save_file
from transformers.models.deepseek_v2 import configuration_deepseek_v2, modeling_deepseek_v2
from transformers.models.deepseek_v3 import configuration_deepseek_v3, modeling_deepseek_v3
from transformers.models.mixtral import configuration_mixtral, modeling_mixtral

# The routers compute in float32, which would be all the precision there is.
torch.float32, torch.Tensor.float = torch.float64, torch.Tensor.double
torch.set_default_dtype(torch.float64)
torch.manual_seed(11)
WIDTH, HIDDEN = 6, 5
out = {}


def keep(name, tensor):
    assert name not in out, name
    out[name] = tensor.detach().clone().contiguous()


def by_expert(key, tensor):
    """The tensors of all experts in one, as files have them."""
    if key == "experts.gate_up_proj":
        for i, both in enumerate(tensor):
            gate, up = both.chunk(2)
            yield f"experts.{i}.gate_proj.weight", gate
            yield f"experts.{i}.up_proj.weight", up
    elif key == "experts.down_proj":
        for i, down in enumerate(tensor):
            yield f"experts.{i}.down_proj.weight", down
    else:
        yield key, tensor


def case(name, module, *shape):
    with torch.no_grad():
        for key, tensor in module.state_dict().items():
            tensor.copy_(torch.randn_like(tensor) * (0.1 if key.endswith("bias") else 0.7))
    for key, tensor in module.state_dict().items():
        for k, part in by_expert(key, tensor):
            keep(f"{name}.state.{k}", part)
    x = torch.randn(*shape, WIDTH, requires_grad=True)
    y = module(x)
    dy = torch.randn_like(y)
    y.backward(dy)
    logits, weights, experts = module.gate(x)
    experts, order = experts.sort(dim=-1)
    for what, tensor in {"x": x, "y": y, "dy": dy, "dx": x.grad, "weights": weights.gather(1, order), "experts": experts}.items():
        keep(f"{name}.{what}", tensor)
    for key, p in module.named_parameters():
        for k, part in by_expert(key, p.grad):
            keep(f"{name}.grad.{k}", part)
    return logits


def v2(**options):
    return configuration_deepseek_v2.DeepseekV2Config(
        hidden_size=WIDTH, num_attention_heads=1, moe_intermediate_size=HIDDEN, n_routed_experts=8, n_shared_experts=2, **options)


MoeV2 = modeling_deepseek_v2.DeepseekV2Moe
case("greedy", MoeV2(v2(num_experts_per_tok=3, topk_method="greedy", routed_scaling_factor=1.0)), 2, 3)
case("grouped", MoeV2(v2(num_experts_per_tok=3, topk_method="group_limited_greedy", n_group=4, topk_group=2,
                         routed_scaling_factor=16.0)), 5)
case("v3", modeling_deepseek_v3.DeepseekV3MoE(configuration_deepseek_v3.DeepseekV3Config(
    hidden_size=WIDTH, num_attention_heads=1, moe_intermediate_size=HIDDEN, n_routed_experts=9, num_local_experts=9, n_shared_experts=1,
    num_experts_per_tok=4, n_group=3, topk_group=2, norm_topk_prob=True, routed_scaling_factor=2.5)), 2, 4)
logits = case("mixtral", modeling_mixtral.MixtralSparseMoeBlock(configuration_mixtral.MixtralConfig(
    hidden_size=WIDTH, num_attention_heads=1, intermediate_size=HIDDEN, num_local_experts=4, num_experts_per_tok=2)), 2, 3)
keep("mixtral.aux", modeling_mixtral.load_balancing_loss_func((logits,), 4, 2))

save_file(out, pathlib.Path(__file__).parent / "moe.safetensors")
