//! What a function returns that could not do what it was asked to.

use crate::codes::*;
use core::ffi::CStr;
use ptpwatch_core::consumer::ConfigError;

/// Why nothing was done; its number is what the caller gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub(crate) enum Error {
    Null = PTPWATCH_ERROR_NULL,
    Profile = PTPWATCH_ERROR_PROFILE,
    Memory = PTPWATCH_ERROR_MEMORY,
    StructSize = PTPWATCH_ERROR_STRUCT_SIZE,
    Consumer = PTPWATCH_ERROR_CONSUMER,
    Code = PTPWATCH_ERROR_CODE,
    Option = PTPWATCH_ERROR_OPTION,
    Node = PTPWATCH_ERROR_NODE,
    Authority = PTPWATCH_ERROR_AUTHORITY,
    Endpoint = PTPWATCH_ERROR_ENDPOINT,
    Dialect = PTPWATCH_ERROR_DIALECT,
    Stale = PTPWATCH_ERROR_STALE,
    Void = PTPWATCH_ERROR_VOID,
    Deadline = PTPWATCH_ERROR_DEADLINE,
    Required = PTPWATCH_ERROR_REQUIRED,
    Classes = PTPWATCH_ERROR_CLASSES,
    Instances = PTPWATCH_ERROR_INSTANCES,
    Page = PTPWATCH_ERROR_PAGE,
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Node => Self::Node,
            ConfigError::Authority => Self::Authority,
            ConfigError::Endpoint => Self::Endpoint,
            ConfigError::StaleTooShort => Self::Stale,
            ConfigError::VoidTooShort => Self::Void,
            ConfigError::Deadline => Self::Deadline,
            ConfigError::Required => Self::Required,
            // What core may come to refuse is about its memory until it has a number here.
            _ => Self::Memory,
        }
    }
}

/// The number of what came of it: [`PTPWATCH_OK`], or the error's.
pub(crate) fn code(result: Result<(), Error>) -> i32 {
    result.map_or_else(|error| error as i32, |()| PTPWATCH_OK)
}

/// What `code` means, in a few words for a person.
pub(crate) fn text(code: i32) -> &'static CStr {
    TEXTS.iter().find(|(known, _)| *known as i32 == code).map_or(
        if code < PTPWATCH_OK { c"an error that this version does not know" } else { c"no error" },
        |(_, text)| text,
    )
}

const TEXTS: [(Error, &CStr); 18] = [
    (Error::Null, c"a pointer is null that must not be"),
    (Error::Profile, c"there is no such profile"),
    (Error::Memory, c"the memory is too small, or not aligned to PTPWATCH_ALIGN"),
    (Error::StructSize, c"struct_size is not the size of any version of the struct"),
    (Error::Consumer, c"there is no consumer: never made, ended, or its memory was moved or overwritten"),
    (Error::Code, c"a number that is not in the table"),
    (Error::Option, c"an option that this version of the library does not know"),
    (Error::Node, c"the node's name must be 1 to 253 letters, digits, '-', '.' or '_'"),
    (Error::Authority, c"the producer's address must be a host and port without white space"),
    (Error::Endpoint, c"the endpoint must be an http:// URI with a host, of 384 bytes at most"),
    (Error::Dialect, c"there is no such dialect"),
    (Error::Stale, c"stale must be at least two poll intervals plus 5 s"),
    (Error::Void, c"void must be at least twice stale"),
    (Error::Deadline, c"the producer must be given time to answer"),
    (Error::Required, c"the policy requires a resource that is not followed, or nothing at all"),
    (Error::Classes, c"64 classes in each list at most, and none in both"),
    (Error::Instances, c"named instances must be 1 to 8 names in UTF-8 of 1 to 48 bytes"),
    (Error::Page, c"there is something else than a state page of this version"),
];
