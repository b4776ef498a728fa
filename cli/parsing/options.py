"""Lets a command take its options from the annotated fields of a dataclass."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Annotated, Any, get_origin, get_type_hints


def with_options(
    kind: type[Any], **known: Any
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Replace the parameter of type `kind` of a command by options.

    Each field of the dataclass `kind` with an Annotated type is an option; `known` are the values
    of the other fields. The command receives an instance.
    """
    types = get_type_hints(kind, include_extras=True)
    options = [one for one in fields(kind) if get_origin(types[one.name]) is Annotated]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(command, include_extras=True)
        parameters: list[inspect.Parameter] = []
        for one in inspect.signature(command).parameters.values():
            if hints[one.name] is not kind:
                parameters.append(one.replace(annotation=hints[one.name]))
                continue
            filled = one.name
            parameters += [
                one.replace(name=field.name, annotation=types[field.name], default=field.default)
                for field in options
            ]

        @wraps(command)
        def run(**typed: Any) -> None:
            values = {field.name: typed.pop(field.name) for field in options}
            command(**{filled: kind(**known, **values)}, **typed)

        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        return run

    return decorate
