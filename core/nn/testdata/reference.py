#!/usr/bin/env python3
"""Independent float64 PyTorch reference for the decoder: writes reference.json.

    python3 reference.py           write reference.json beside this script
    python3 reference.py --check   compare gradients with finite differences and
                                   the stored file with a fresh run; write nothing

Matrices are row-major [in, out] (y = x @ W) in one flat vector. Parameter i is
0.25 * ((mix(i) mod 2001) / 1000 - 1) with mix(i) = (i*2654435761 + 12345) mod
2^32; norm weights get +1. Gradients are of the summed (not averaged) loss.
"""
import json
import math
import os
import sys

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference.json")
LENGTHS = [5, 1, 7]   # the length-1 sequence attends to itself alone
STARTS = [0, 9, 3]    # first position of each sequence
# Rotary scores see only position differences, so offsets alone would not expose
# a decoder that counts from zero instead of using the given positions: the gaps
# in the last sequence do.
STRIDES = [1, 1, 2]


def config(vocab, out, dim, layers, heads, kv_heads, ff):
    return dict(vocab=vocab, out=out, dim=dim, layers=layers, heads=heads,
                kv_heads=kv_heads, ff=ff, rope_theta=10000.0, eps=1e-5)


def row(index, target, weight, invtemp, allowed):
    assert target in allowed
    return dict(index=index, target=target, weight=weight, invtemp=invtemp, allowed=allowed)


# A: two layers, multi-head. B: grouped-query with two groups, out != vocab, a
# row with one allowed class (logp 0, no gradient). C: multi-query, odd ff, rows
# out of order and one position selected twice.
CASES = [
    ("A", config(13, 13, 8, 2, 2, 2, 9), [
        row(0, 4, 1.0, 1.0, list(range(13))),
        row(3, 7, 0.5, 1.7, [1, 2, 7, 12]),
        row(4, 0, -0.75, 0.6, [0, 3, 4, 5, 9, 11]),
        row(5, 12, 1.25, 1.0, list(range(13))),
        row(8, 2, -0.3, 2.5, [2, 10]),
        row(12, 9, 2.0, 0.8, list(range(1, 13))),
    ]),
    ("B", config(11, 7, 16, 1, 4, 2, 5), [
        row(1, 6, 0.9, 1.3, [0, 5, 6]),
        row(2, 3, 1.5, 1.0, [3]),
        row(4, 1, -1.1, 0.5, list(range(7))),
        row(5, 0, 0.7, 2.0, [0, 2, 4, 6]),
        row(10, 5, 1.0, 1.0, list(range(7))),
        row(12, 2, -0.4, 3.0, [1, 2, 3, 4]),
    ]),
    ("C", config(9, 9, 12, 1, 2, 1, 17), [
        row(12, 8, 1.0, 1.0, list(range(9))),
        row(4, 3, 0.6, 0.7, [2, 3, 5, 8]),
        row(9, 1, -0.8, 1.9, [0, 1]),
        row(9, 6, 1.4, 1.0, list(range(9))),
        row(5, 0, -0.25, 1.2, [0, 4, 7]),
    ]),
]


def layout(c):
    """Names and shapes in flat-vector order."""
    hd = c["dim"] // c["heads"]
    d, q, kv, ff = c["dim"], c["heads"] * hd, c["kv_heads"] * hd, c["ff"]
    spec = [("embed", (c["vocab"], d))]
    for l in range(c["layers"]):
        spec += [(f"{l}.attn_norm", (d,)), (f"{l}.wqkv", (d, q + 2 * kv)),
                 (f"{l}.wo", (q, d)), (f"{l}.ffn_norm", (d,)),
                 (f"{l}.w_gate_up", (d, 2 * ff)), (f"{l}.w_down", (ff, d))]
    return spec + [("final_norm", (d,)), ("head", (d, c["out"]))]


def initial(c):
    values = []
    for name, shape in layout(c):
        one = 1.0 if name.endswith("norm") else 0.0
        for _ in range(math.prod(shape)):
            mix = (len(values) * 2654435761 + 12345) % 2**32
            values.append(0.25 * ((mix % 2001) / 1000 - 1) + one)
    return torch.tensor(values)


def unpack(c, flat):
    params, at = {}, 0
    for name, shape in layout(c):
        n = math.prod(shape)
        params[name] = flat[at:at + n].reshape(shape)
        at += n
    assert at == flat.numel()
    return params


def batch(c):
    """Ragged batch: offsets [sequences+1], tokens [T], positions [T]."""
    offsets = [0]
    for n in LENGTHS:
        offsets.append(offsets[-1] + n)
    # The quadratic repeats tokens, so embedding gradients must accumulate.
    tokens = [(t * t + 3 * t + 1) % c["vocab"] for t in range(offsets[-1])]
    positions = [s + i * step for s, step, n in zip(STARTS, STRIDES, LENGTHS)
                 for i in range(n)]
    return offsets, tokens, positions


def rmsnorm(x, w, eps):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + eps) * w


def rotary(x, positions, theta):
    """x [n, hd], one head; half-split pairs (i, i + hd/2)."""
    hd = x.shape[-1]
    freq = theta ** (-2.0 * torch.arange(hd // 2) / hd)
    angle = positions[:, None] * freq[None, :]
    cos, sin = angle.cos(), angle.sin()
    x1, x2 = x[:, :hd // 2], x[:, hd // 2:]
    return torch.cat([x1 * cos - x2 * sin, x2 * cos + x1 * sin], dim=-1)


def attention(c, q, k, v, positions):
    """One sequence: q [n, heads*hd], k and v [n, kv_heads*hd] -> [n, heads*hd]."""
    n, hd = q.shape[0], c["dim"] // c["heads"]
    future = torch.ones(n, n, dtype=torch.bool).triu(1)
    heads = []
    for j in range(c["heads"]):
        g = j * c["kv_heads"] // c["heads"]
        qj = rotary(q[:, j * hd:(j + 1) * hd], positions, c["rope_theta"])
        kg = rotary(k[:, g * hd:(g + 1) * hd], positions, c["rope_theta"])
        score = (qj @ kg.T / math.sqrt(hd)).masked_fill(future, -math.inf)
        heads.append(score.softmax(-1) @ v[:, g * hd:(g + 1) * hd])
    return torch.cat(heads, dim=-1)


def decoder(c, p, tokens, positions):
    """One sequence: tokens [n], positions [n] -> logits [n, out]."""
    x = p["embed"][tokens]
    for l in range(c["layers"]):
        h = rmsnorm(x, p[f"{l}.attn_norm"], c["eps"])
        kv = c["kv_heads"] * (c["dim"] // c["heads"])
        q, k, v = (h @ p[f"{l}.wqkv"]).split([c["dim"], kv, kv], dim=-1)
        a = attention(c, q, k, v, positions)
        x = x + a @ p[f"{l}.wo"]
        h = rmsnorm(x, p[f"{l}.ffn_norm"], c["eps"])
        gate, up = (h @ p[f"{l}.w_gate_up"]).chunk(2, dim=-1)
        x = x + (gate * torch.sigmoid(gate) * up) @ p[f"{l}.w_down"]
    return rmsnorm(x, p["final_norm"], c["eps"]) @ p["head"]


def evaluate(c, rows, flat):
    """loss scalar, logp [rows], logits [rows, out]."""
    p = unpack(c, flat)
    offsets, tokens, positions = batch(c)
    tokens, positions = torch.tensor(tokens), torch.tensor(positions)
    # Each sequence runs alone, so nothing can leak across boundaries.
    logits = torch.cat([decoder(c, p, tokens[a:b], positions[a:b])
                        for a, b in zip(offsets, offsets[1:])])
    logits = logits[torch.tensor([r["index"] for r in rows])]
    logp = torch.stack([
        (r["invtemp"] * z[r["allowed"]]).log_softmax(-1)[r["allowed"].index(r["target"])]
        for r, z in zip(rows, logits)])
    weight = torch.tensor([r["weight"] for r in rows])
    return -(weight * logp).sum(), logp, logits


def gradient(c, rows):
    flat = initial(c).requires_grad_()
    loss, logp, logits = evaluate(c, rows, flat)
    loss.backward()
    return loss.detach(), logp.detach(), logits.detach(), flat.grad


def rounded(t, digits):
    # + 0.0 turns -0.0 into 0.0.
    return [float(f"{v:.{digits}g}") + 0.0 for v in t.tolist()]


def reference(name, c, rows):
    loss, logp, logits, grad = gradient(c, rows)
    offsets, tokens, positions = batch(c)
    return dict(name=name, config=c, offsets=offsets, tokens=tokens, positions=positions,
                rows=rows, logp=rounded(logp, 15), logits=[rounded(z, 15) for z in logits],
                loss=rounded(loss[None], 15)[0], grad=rounded(grad, 9))


def worst_finite_difference(c, rows, step=1e-4):
    """Largest |autograd - fourth-order central difference| over every parameter.

    Second order is not enough: its truncation error (1e-8 at step 1e-5, from the
    small embeddings under the first norm) would hide smaller mistakes.
    """
    flat, grad, worst = initial(c), gradient(c, rows)[3], 0.0

    def central(i, h):
        keep = flat[i].item()
        flat[i] = keep + h
        up = evaluate(c, rows, flat)[0].item()
        flat[i] = keep - h
        down = evaluate(c, rows, flat)[0].item()
        flat[i] = keep
        return (up - down) / (2 * h)

    with torch.no_grad():
        for i in range(flat.numel()):
            numeric = (4 * central(i, step / 2) - central(i, step)) / 3
            worst = max(worst, abs(numeric - grad[i].item()))
    return worst, grad


def close(a, b, tol=1e-8):
    """Structural equality; floats to relative tol, or tol/1000 absolute."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(close(a[k], b[k], tol) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(close(x, y, tol) for x, y in zip(a, b))
    if isinstance(a, float):
        return math.isclose(a, b, rel_tol=tol, abs_tol=tol * 1e-3)
    return a == b


def check():
    with open(OUT) as f:
        stored = {case["name"]: case for case in json.load(f)["cases"]}
    ok = stored.keys() == {name for name, _, _ in CASES}
    for name, c, rows in CASES:
        worst, grad = worst_finite_difference(c, rows)
        same = name in stored and close(reference(name, c, rows), stored[name])
        print(f"{name}: {grad.numel()} parameters, max |grad| {grad.abs().max():.3g}, "
              f"worst finite-difference error {worst:.2e}, stored file agrees: {same}")
        ok = ok and same and worst < 1e-9
    return ok


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if check() else 1)
    if sys.argv[1:]:
        sys.exit("usage: reference.py [--check]")
    with open(OUT, "w") as f:
        json.dump(dict(cases=[reference(*case) for case in CASES]), f, separators=(",", ":"))
        f.write("\n")
