"""``imgflow presign``: URLs for those who have no credentials."""

from typing import Annotated

import typer

from imgflow.cli.options import AsJson

Uri = Annotated[str, typer.Argument(metavar="URI", help="An object, s3://bucket/key.")]
Put = Annotated[bool, typer.Option("--put", help="A URL to upload with, by PUT.")]
Post = Annotated[bool, typer.Option("--post", help="A form to upload with, by POST.")]
MaxBytes = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Largest upload by --post.  [default: 512000000]"),
]
Expires = Annotated[
    str, typer.Option(metavar="TIME", help="How long it is good: 90s, 15m, 1h, at most 7d.")
]
ContentType = Annotated[
    str, typer.Option(metavar="TYPE", help="The type that an upload must have: image/jpeg.")
]
ContentLength = Annotated[
    int | None, typer.Option(min=0, metavar="N", help="The bytes that a PUT must have.")
]


def presign(  # noqa: PLR0913 - the options of a command
    uri: Uri,
    *,
    put: Put = False,
    post: Post = False,
    max_bytes: MaxBytes = None,
    expires: Expires = "1h",
    content_type: ContentType = "",
    content_length: ContentLength = None,
    as_json: AsJson = False,
) -> int:
    """Print a URL to read an object with, or to upload one.

    Whoever has the URL can use it until it expires, without credentials: treat it as a secret.
    """
    from imgflow.cli.presigning import Wish

    wish = Wish(uri, expires, content_type, content_length, max_bytes, put=put, post=post)
    return wish.show(as_json=as_json)
