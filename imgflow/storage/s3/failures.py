"""What can go wrong with S3, told by the codes that it answers with."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

from imgflow.errors import ImgflowError, SourceError, StorageError
from imgflow.storage.wording import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.storage.s3.address import Address


class Failure(NamedTuple):
    """A cause by our own name, and whether trying again can help."""

    code: str
    found: str
    advice: str
    retryable: bool = False


_MISSING = Failure("source-missing", "", "")
_NO_BUCKET = Failure("bucket-missing", "no such bucket", "check its name, or create it")
_DENIED = Failure(
    "access-denied",
    "that these credentials may not do this",
    "grant it (without s3:ListBucket, a missing object looks like this too)",
)
_EXPIRED = Failure("credentials-expired", "expired credentials", "sign in again, or renew them")
_UNKNOWN_KEY = Failure(
    "credentials-invalid", "credentials that the service does not know", "check key and secret"
)
_NO_CREDENTIALS = Failure(
    "credentials-missing",
    "none",
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or what else boto3 knows",
)
_LOST = Failure("wrong-region", "redirects without end", "check its endpoint_url and region")
_REGION = Failure("wrong-region", "a bucket in another region", "set its region")
_CLOCK = Failure("clock-skewed", "a clock that is wrong", "set the clock of this machine")
_BUSY = Failure("storage-busy", "a service that is too busy or broken", "try again later", True)
_LATE = Failure("storage-timeout", "no answer in time", "try again later", True)
_AWAY = Failure("storage-unreachable", "no connection", "check endpoint and network", True)
_CUT = Failure("storage-truncated", "an answer that was cut off", "try again", True)
_DAMAGED = Failure("checksum-mismatch", "bytes that changed on the way", "try again", True)
_CONFLICT = Failure("write-conflict", "another write at the same time", "try again", True)
_CHANGED = Failure("object-changed", "that it was replaced meanwhile", "try again", True)
_ARCHIVED = Failure("object-archived", "an object in an archive", "restore it first")
_KEY = Failure("encryption-failed", "an encryption key that cannot be used", "check kms_key")
_LARGE = Failure("object-too-large", "that it is too large", "split it")
_REFUSED = Failure("request-refused", "that the service refuses it", "check the request")
_UNABLE = Failure("not-supported", "a service that cannot do this", "see the store's settings")
_TLS = Failure(
    "tls-failed", "a certificate that is not trusted", "check the endpoint, AWS_CA_BUNDLE"
)

#: Codes of the S3 API, and bare statuses, which are all that HEAD answers with.
_CODES = {
    **dict.fromkeys(("NoSuchKey", "NoSuchVersion", "404"), _MISSING),
    **dict.fromkeys(("NoSuchBucket", "InvalidBucketName"), _NO_BUCKET),
    **dict.fromkeys(
        ("AccessDenied", "403", "AllAccessDisabled", "AccountProblem", "NotSignedUp", "401",
         "Unauthorized", "AccessControlListNotSupported", "UnauthorizedAccess"), _DENIED),
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"),
        _EXPIRED),
    **dict.fromkeys(
        ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "InvalidSecurity",
         "InvalidClientTokenId", "UnrecognizedClientException"), _UNKNOWN_KEY),
    **dict.fromkeys(
        ("PermanentRedirect", "TemporaryRedirect", "301", "302", "307",
         "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"), _REGION),
    "RequestTimeTooSkewed": _CLOCK,
    **dict.fromkeys(
        ("SlowDown", "ServiceUnavailable", "InternalError", "Throttling", "ThrottlingException",
         "RequestLimitExceeded", "TooManyRequests", "429", "BandwidthLimitExceeded"), _BUSY),
    **dict.fromkeys(("RequestTimeout", "408"), _LATE),
    **dict.fromkeys(("IncompleteBody",), _CUT),
    **dict.fromkeys(
        ("BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"),
        _DAMAGED),
    **dict.fromkeys(("ConditionalRequestConflict", "OperationAborted", "409"), _CONFLICT),
    **dict.fromkeys(("PreconditionFailed", "412"), _CHANGED),
    **dict.fromkeys(("InvalidObjectState",), _ARCHIVED),
    **dict.fromkeys(("EntityTooLarge", "413"), _LARGE),
    **dict.fromkeys(("NotImplemented", "501"), _UNABLE),
}  # fmt: skip
#: Exceptions of botocore, by name so that it need not be loaded.
_EXCEPTIONS = {
    **dict.fromkeys(("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound",
                     "CredentialRetrievalError", "NoAuthTokenError"), _NO_CREDENTIALS),
    **dict.fromkeys(("UnauthorizedSSOTokenError", "SSOTokenLoadError", "TokenRetrievalError",
                     "LoginRefreshRequired"), _EXPIRED),
    **dict.fromkeys(("ConnectTimeoutError", "ReadTimeoutError"), _LATE),
    **dict.fromkeys(("EndpointConnectionError", "ConnectionClosedError", "ProxyConnectionError",
                     "HTTPClientError", "ConnectionError"), _AWAY),
    **dict.fromkeys(("IncompleteReadError", "ResponseStreamingError"), _CUT),
    "FlexibleChecksumError": _DAMAGED,
    "SSLError": _TLS,
}  # fmt: skip
_SERVER_ERROR = 500


@contextlib.contextmanager
def explained(address: Address) -> Iterator[None]:
    """Turn errors of boto3 into ours, with the bucket and the key, and without any secret."""
    try:
        yield
    except ImgflowError:
        raise
    except Exception as error:
        told = _translate(str(address), error)
        if told is None:
            raise
        raise told from error


def error_code(error: Exception) -> str:
    """Return the code that S3 answered with, "" for an error of another kind."""
    response: dict[str, Any] = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def region_told(response: dict[str, Any]) -> str:
    """Return the region of a bucket as an answer tells it, "" if it does not."""
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return str(
        response.get("BucketRegion")
        or headers.get("x-amz-bucket-region")
        or response.get("Error", {}).get("Region")
        or ""
    )


def _translate(uri: str, error: Exception) -> ImgflowError | None:
    failure, told = _find(error)
    if failure is None:
        return None
    if failure is _MISSING:
        return SourceError(missing(uri), code=failure.code)
    expected = "credentials" if failure is _NO_CREDENTIALS else "it to be reached"
    message = f"{uri}: expected {expected}, found {failure.found}{told}; {failure.advice}"
    return StorageError(message, code=failure.code, retryable=failure.retryable)


def _find(error: Exception) -> tuple[Failure | None, str]:
    """Return the failure, and the words of S3 for it: its code, never its message."""
    if code := error_code(error):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)  # type: ignore[attr-defined]
        failure = _CODES.get(code) or _CODES.get(str(status))
        if failure is _MISSING and getattr(error, "operation_name", "") == "HeadBucket":
            failure = _NO_BUCKET
        if failure is None and code.startswith("KMS."):
            failure = _KEY
        if failure is None:
            failure = _BUSY if status >= _SERVER_ERROR else _REFUSED
        return failure, f" ({code})"
    if _went_in_circles(error):
        return _LOST, ""
    for kind in type(error).__mro__:
        if kind.__name__ in _EXCEPTIONS:
            return _EXCEPTIONS[kind.__name__], ""
    known = type(error).__module__.partition(".")[0] in {"botocore", "boto3", "s3transfer"}
    return (_REFUSED, f" ({type(error).__name__})") if known else (None, "")


def _went_in_circles(error: BaseException | None) -> bool:
    """Tell whether boto3 followed redirects until the stack was used up.

    Where that happens decides what the error is wrapped in.
    """
    while error is not None:
        if isinstance(error, RecursionError):
            return True
        error = error.__cause__ or error.__context__
    return False
