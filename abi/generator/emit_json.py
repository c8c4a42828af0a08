"""abi.json: all of the header as data, for binders of other languages."""

import json

from .emit_symbols import NOTICE
from .model import TOKEN_PORTABLE_MAX


def files(abi):
    return {"abi.json": json.dumps(describe(abi), indent=2,
                                   ensure_ascii=False) + "\n"}


def describe(abi):
    return {
        "meta": {
            "notice": NOTICE,
            "library": "miopoll",
            "version": ".".join(map(str, abi.version)),
            "node": list(abi.nodes())[-1],
            "token_portable_max": TOKEN_PORTABLE_MAX,
        },
        "functions": [function(abi, item) for item in abi.functions],
        "types": types(abi),
        "enums": [enum(item) for item in abi.enums],
        "constants": constants(abi),
    }


def function(abi, item):
    doc = item.doc
    return {
        "name": item.name,
        "node": abi.node(item),
        "since": doc.since,
        "summary": doc.summary,
        "text": doc.text,
        "params": [{"name": p.name, "type": str(p.type),
                    "doc": doc.params[p.name]} for p in item.params],
        "result": {"type": str(item.result), "doc": doc.returns},
        "errors": [{"name": name, "when": when} for name, when in doc.errors],
        "threadsafe": doc.threadsafe,
        "ownership": doc.ownership,
    }


def types(abi):
    described = [named(item, "handle") for item in abi.opaques]
    described += [named(item, "integer") | {"type": str(item.type)}
                  for item in abi.aliases]
    return described + [struct(item) for item in abi.structs]


def named(item, kind):
    return {"name": item.name, "kind": kind, "since": item.doc.since,
            "text": item.doc.text}


def struct(item):
    fields = [{"name": f.name, "type": f.type.base, "length": f.type.length,
               "offset": f.offset, "size": f.size, "text": f.doc.text}
              for f in item.fields]
    kind = "options" if item.sized else "struct"
    return named(item, kind) | {"tag": item.tag, "size": item.size,
                                "align": item.align, "fields": fields}


def enum(item):
    return {"tag": item.tag, "since": item.doc.since, "text": item.doc.text,
            "constants": [c.name for c in item.constants]}


def constants(abi):
    return [{"name": c.name, "value": c.value, "enum": item.tag,
             "since": c.doc.since or item.doc.since, "text": c.doc.text}
            for item in abi.enums for c in item.constants]
