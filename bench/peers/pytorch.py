"""PyTorch: the peer's side of protocol.ts. Argument: number of threads. (Called torch.py, it would import itself.)"""
import json
import math
import statistics
import sys
import time

MARK = "@bench "
LONG = 10.0  # as in sample.ts
SHORTEST = 0.0002


def answer(message):
    sys.stdout.write(MARK + json.dumps(message) + "\n")
    sys.stdout.flush()


try:
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError as error:
    answer({"error": f"PyTorch is not installed ({error}); on Debian: apt-get install python3-torch libopenblas0-pthread"})
    sys.exit(1)



def blas():
    """What multiplies matrices. Debian's PyTorch takes any BLAS, also the reference one, which is ten times as slow."""
    if torch.backends.mkl.is_available():
        return "MKL"
    try:
        with open("/proc/self/maps", encoding="utf-8") as maps:
            libraries = maps.read()
    except OSError:
        return "BLAS unknown"
    for library in ("openblas", "blis", "atlas"):
        if library in libraries:
            return library
    if "libblas" in libraries:
        answer({"error": "PyTorch runs on the reference BLAS, which nobody should be compared with; on Debian: apt-get install libopenblas0-pthread"})
        sys.exit(1)
    return "BLAS unknown"


torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)
rand = torch.randn


def gemm(t):
    a = rand(t["k"], t["m"]).t() if t["transposeA"] else rand(t["m"], t["k"])
    b = rand(t["n"], t["k"]).t() if t["transposeB"] else rand(t["k"], t["n"])
    return lambda: torch.mm(a, b)


def conv2d(t):
    x, w, p = rand(t["x"]), rand(t["w"]), t["padding"]
    if t["pass"] == "forward":
        return lambda: F.conv2d(x, w, padding=p)
    dy = rand(F.conv2d(x, w, padding=p).shape)
    mask = [t["pass"] == "input gradient", t["pass"] == "weight gradient", False]
    backward = torch.ops.aten.convolution_backward
    return lambda: backward(dy, x, w, None, [1, 1], [p, p], [1, 1], False, [0, 0], 1, mask)


def max_pool(t):
    if t["pass"] == "forward":
        x = rand(t["x"])
        return lambda: F.max_pool2d(x, 2)
    x = rand(t["x"]).requires_grad_()

    def both_ways():
        x.grad = None
        F.max_pool2d(x, 2).sum().backward()

    return both_ways


def elementwise(t):
    x, y = rand(t["n"]), rand(t["n"])
    f = getattr(torch, t["op"])
    return (lambda: f(x, y)) if t["op"] in ("add", "mul") else (lambda: f(x))


def total(t):
    x = rand(t["rows"], t["columns"])
    return (lambda: x.sum(1)) if t["each"] else (lambda: x.sum())


def softmax(t):
    x = rand(t["rows"], t["columns"])
    return lambda: torch.softmax(x, 1)


def embedding(t):
    table, rows = rand(t["tokens"], t["width"]), torch.randint(0, t["tokens"], (t["count"],))
    if t["pass"] == "forward":
        return lambda: F.embedding(rows, table)
    table.requires_grad_()

    def both_ways():
        table.grad = None
        F.embedding(rows, table).sum().backward()

    return both_ways


class Block(nn.Module):
    """Two convolutions of 3 x 3 with batch normalisation beside a shortcut without parameters."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        conv = lambda i, s: nn.Conv2d(i, outputs, 3, stride=s, padding=1, bias=False)
        self.body = nn.Sequential(conv(inputs, stride), nn.BatchNorm2d(outputs), nn.ReLU(), conv(outputs, 1), nn.BatchNorm2d(outputs))
        self.stride, self.more = stride, outputs - inputs

    def forward(self, x):
        straight = x if self.stride == 1 else F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.more // 2, self.more - self.more // 2))
        return torch.relu(straight + self.body(x))


def res_net(depth):
    blocks, widths = (depth - 2) // 6, [16, 32, 64]
    layers = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    for stage, width in enumerate(widths):
        for i in range(blocks):
            first = i == 0 and stage > 0
            layers.append(Block(widths[stage - 1] if first else width, width, 2 if first else 1))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


class LanguageModel(nn.Module):
    """Embedding, LSTM, and a decoder whose weight is the embedding's."""

    def __init__(self, tokens, hidden, layers):
        super().__init__()
        self.encoder, self.rnn, self.decoder = nn.Embedding(tokens, hidden), nn.LSTM(hidden, hidden, layers), nn.Linear(hidden, tokens)
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)
        self.decoder.weight = self.encoder.weight

    def forward(self, tokens):
        return self.decoder(self.rnn(self.encoder(tokens))[0]).flatten(0, 1)


MODELS = {
    "mlp": lambda: nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)),
    "leNet5": lambda: nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    "caffeLeNet": lambda: nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10)),
    "resNet8": lambda: res_net(8),
    "resNet20": lambda: res_net(20),
}


def train(t):
    batch = t["batch"]
    return descent(MODELS[t["model"]](), rand(batch, *t["input"]), torch.arange(batch) * 7 % 10)


def train_lstm(t):
    text, following = (torch.randint(t["tokens"], (t["time"], t["batch"])) for _ in range(2))
    return descent(LanguageModel(t["tokens"], t["hidden"], t["layers"]), text, following.flatten())


def descent(model, inputs, labels):
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)

    def step():
        loss = F.cross_entropy(model(inputs), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if not math.isfinite(loss.item()):
            raise ValueError(f"the loss is {loss.item()}")

    return step


def optimizer(t):
    w = nn.Parameter(rand(1000, t["n"] // 1000))
    w.grad = rand(1000, t["n"] // 1000) * 1e-3
    if t["name"] == "sgd":
        made = torch.optim.SGD([w], lr=1e-4, momentum=0.9)
    elif t["name"] == "adamW":
        made = torch.optim.AdamW([w], lr=1e-4)
    else:
        raise ValueError(f"PyTorch has no {t['name']}")
    return made.step


def adds(t):
    four = rand(4)

    def chain():
        x = four
        for _ in range(t["count"]):
            x = x + four
        return x

    return chain


MAKE = {
    "gemm": gemm, "conv2d": conv2d, "maxPool2d": max_pool, "map": elementwise, "sum": total, "softmax": softmax, "embedding": embedding, "train": train, "trainLstm": train_lstm,
    "optimizer": optimizer, "adds": adds,
}


def timed(run, repeat):
    start = time.perf_counter()
    for _ in range(repeat):
        run()
    return (time.perf_counter() - start) / repeat


def sample(run, budget):
    last = timed(run, 1)
    if last >= LONG:
        return {"median": 1e3 * last, "best": 1e3 * last, "samples": 1}
    end = time.perf_counter() + budget / 4
    while time.perf_counter() < end:
        last = timed(run, 1)
    repeat = max(1, math.ceil(SHORTEST / max(last, 1e-6)))
    times = []
    end = time.perf_counter() + budget
    while not times or time.perf_counter() < end:
        times.append(timed(run, repeat))
    return {"median": 1e3 * statistics.median(times), "best": 1e3 * min(times), "samples": len(times)}


def main():
    answer({"ready": {"version": torch.__version__, "threads": torch.get_num_threads(), "note": blas()}})
    name, run = None, None
    # Not `for line in sys.stdin`, which reads ahead.
    for line in iter(sys.stdin.readline, ""):
        try:
            request = json.loads(line)
            if request["name"] != name:
                run = None
                run = MAKE[request["task"]["kind"]](request["task"])
                name = request["name"]
            answer({"sampled": sample(run, request["budget"] / 1e3)})
        except Exception as error:  # whatever it is, the comparison goes on without it
            name = None
            answer({"error": str(error).split("\n")[0]})


main()
