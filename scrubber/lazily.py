"""Attributes that are worked out when somebody asks for them.

functools.cached_property takes a lock at every first look (Python 3.11), which costs more than what is looked up; what
is prepared here belongs to one message and one thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class lazily(Generic[T]):  # noqa: N801  # reads as the decorator that it is
    """As functools.cached_property, without its lock. The instance's __dict__ keeps the answer."""

    def __init__(self, work: Callable[[Any], T]) -> None:
        self.work = work
        self.name = work.__name__
        self.__doc__ = work.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> lazily[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> T | lazily[T]:
        if instance is None:
            return self
        answer = instance.__dict__[self.name] = self.work(instance)
        return answer
