"""The wire's name for ``clearline.canonical``, which lies below so that ``trust`` sees it too."""

from clearline.canonical import encode, is_canonical, read_plain, why_not

__all__ = ["encode", "is_canonical", "read_plain", "why_not"]
