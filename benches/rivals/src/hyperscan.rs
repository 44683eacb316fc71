//! Hyperscan, or Vectorscan with the same interface, called once a message: the few functions of `hs.h` that this
//! needs, in a library that is opened at run time.
//!
//! The texts are folded, so that literals need no flag for case; places are not asked for, which would cost it more.

#![expect(unsafe_code, reason = "calls a C library; each call says why it may")]

use crate::clock;
use crate::contender::{Compiled, number};
use crate::literal::Search;
use libloading::Symbol;
use std::env;
use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_ulonglong, c_void};
use std::ptr;
use std::rc::Rc;

const HS_MODE_BLOCK: c_uint = 1;
/// Reports an expression once a scan: without it `.{1,3}` is told at each of its ends.
const HS_FLAG_SINGLEMATCH: c_uint = 8;

/// What the library keeps behind its pointers: databases, working memory, errors.
enum Opaque {}

type OnEvent = unsafe extern "C" fn(c_uint, c_ulonglong, c_ulonglong, c_uint, *mut c_void) -> c_int;
type CompileLiterals = unsafe extern "C" fn(
    *const *const c_char,
    *const c_uint,
    *const c_uint,
    *const usize,
    c_uint,
    c_uint,
    *const Opaque,
    *mut *mut Opaque,
    *mut *mut Opaque,
) -> c_int;
type CompileExpressions = unsafe extern "C" fn(
    *const *const c_char,
    *const c_uint,
    *const c_uint,
    c_uint,
    c_uint,
    *const Opaque,
    *mut *mut Opaque,
    *mut *mut Opaque,
) -> c_int;
type Scan = unsafe extern "C" fn(
    *const Opaque,
    *const c_char,
    c_uint,
    c_uint,
    *mut Opaque,
    Option<OnEvent>,
    *mut c_void,
) -> c_int;
type AllocScratch = unsafe extern "C" fn(*const Opaque, *mut *mut Opaque) -> c_int;
type Size = unsafe extern "C" fn(*const Opaque, *mut usize) -> c_int;
type Free = unsafe extern "C" fn(*mut Opaque) -> c_int;
type Version = unsafe extern "C" fn() -> *const c_char;

/// The library's functions, and what keeps them loaded.
pub(crate) struct Library {
    compile_literals: CompileLiterals,
    compile_expressions: CompileExpressions,
    scan: Scan,
    alloc_scratch: AllocScratch,
    database_size: Size,
    scratch_size: Size,
    free_database: Free,
    free_scratch: Free,
    version: Version,
    _loaded: libloading::Library,
}

impl Library {
    /// The library that `WARDLINE_LIBHS` names, or the installed one; none if it cannot be opened.
    pub(crate) fn open() -> Option<Rc<Library>> {
        let path = env::var_os("WARDLINE_LIBHS").unwrap_or_else(|| "libhs.so.5".into());
        // SAFETY: libhs runs nothing when it is loaded but choose functions by the processor.
        let loaded = unsafe { libloading::Library::new(path) }.ok()?;
        // SAFETY: the types are those of `hs.h`, version 5, whose library has this name.
        let library = unsafe {
            Library {
                compile_literals: symbol(&loaded, c"hs_compile_lit_multi")?,
                compile_expressions: symbol(&loaded, c"hs_compile_multi")?,
                scan: symbol(&loaded, c"hs_scan")?,
                alloc_scratch: symbol(&loaded, c"hs_alloc_scratch")?,
                database_size: symbol(&loaded, c"hs_database_size")?,
                scratch_size: symbol(&loaded, c"hs_scratch_size")?,
                free_database: symbol(&loaded, c"hs_free_database")?,
                free_scratch: symbol(&loaded, c"hs_free_scratch")?,
                version: symbol(&loaded, c"hs_version")?,
                _loaded: loaded,
            }
        };
        Some(Rc::new(library))
    }

    /// Its version, as it says it.
    pub(crate) fn version(&self) -> String {
        // SAFETY: it returns a static string.
        unsafe { CStr::from_ptr((self.version)()) }.to_string_lossy().into_owned()
    }
}

/// A function of the library.
///
/// # Safety
/// `T` has to be its type.
unsafe fn symbol<T: Copy>(library: &libloading::Library, name: &CStr) -> Option<T> {
    // SAFETY: by this function's own condition.
    let symbol: Symbol<T> = unsafe { library.get(name) }.ok()?;
    Some(*symbol)
}

/// Compiled patterns with working memory for one thread.
pub(crate) struct Database {
    library: Rc<Library>,
    compiled: *mut Opaque,
    scratch: *mut Opaque,
}

impl Database {
    /// Literals as bytes; each reports its index.
    pub(crate) fn literals(library: &Rc<Library>, literals: &[String]) -> (Database, Compiled) {
        Database::compile(library, literals, |own, patterns, ids, database, error| {
            let lengths: Vec<usize> = literals.iter().map(String::len).collect();
            let flags = vec![0; patterns.len()];
            // SAFETY: four arrays of the same length, of strings that live until it returns; null is this processor.
            unsafe {
                (own.compile_literals)(
                    patterns.as_ptr(),
                    flags.as_ptr(),
                    ids.as_ptr(),
                    lengths.as_ptr(),
                    number(patterns.len()),
                    HS_MODE_BLOCK,
                    ptr::null(),
                    database,
                    error,
                )
            }
        })
    }

    /// Regular expressions; each reports its index.
    pub(crate) fn expressions(library: &Rc<Library>, expressions: &[String]) -> (Database, Compiled) {
        Database::compile(library, expressions, |own, patterns, ids, database, error| {
            let flags = vec![HS_FLAG_SINGLEMATCH; patterns.len()];
            // SAFETY: three arrays of the same length, of strings that live until it returns; null is this processor.
            unsafe {
                (own.compile_expressions)(
                    patterns.as_ptr(),
                    flags.as_ptr(),
                    ids.as_ptr(),
                    number(patterns.len()),
                    HS_MODE_BLOCK,
                    ptr::null(),
                    database,
                    error,
                )
            }
        })
    }

    fn compile(
        library: &Rc<Library>,
        patterns: &[String],
        compile: impl Fn(&Library, &[*const c_char], &[c_uint], *mut *mut Opaque, *mut *mut Opaque) -> c_int,
    ) -> (Database, Compiled) {
        let strings: Vec<CString> =
            patterns.iter().map(|pattern| CString::new(pattern.as_str()).expect("no NUL")).collect();
        let pointers: Vec<*const c_char> = strings.iter().map(|string| string.as_ptr()).collect();
        let ids: Vec<c_uint> = (0..number(pointers.len())).collect();
        let mut database = ptr::null_mut();
        let mut error = ptr::null_mut();
        let (code, spent) =
            clock::nanoseconds(|| compile(library, &pointers, &ids, &raw mut database, &raw mut error));
        assert_eq!(code, 0, "Hyperscan does not compile the patterns");
        let mut scratch = ptr::null_mut();
        // SAFETY: the database was compiled, and the pointer is null, which asks for new memory.
        assert_eq!(unsafe { (library.alloc_scratch)(database, &raw mut scratch) }, 0, "no working memory");
        let own = Database { library: Rc::clone(library), compiled: database, scratch };
        let cost = Compiled { milliseconds: spent / 1e6, bytes: own.bytes(), peak: None };
        (own, cost)
    }

    fn bytes(&self) -> usize {
        let (mut database, mut scratch) = (0, 0);
        // SAFETY: both are what the library made, and not freed.
        let codes = unsafe {
            [
                (self.library.database_size)(self.compiled, &raw mut database),
                (self.library.scratch_size)(self.scratch, &raw mut scratch),
            ]
        };
        assert_eq!(codes, [0, 0], "Hyperscan does not tell its sizes");
        database + scratch
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // SAFETY: both are what the library made, and freed once.
        unsafe {
            (self.library.free_scratch)(self.scratch);
            (self.library.free_database)(self.compiled);
        }
    }
}

/// Hands a match on to the closure that `context` points to; 0 goes on.
unsafe extern "C" fn on_event<F: FnMut(u32)>(
    id: c_uint,
    _from: c_ulonglong,
    _to: c_ulonglong,
    _flags: c_uint,
    context: *mut c_void,
) -> c_int {
    // SAFETY: `search` gave the address of an `F` that outlives the scan and that nobody else uses meanwhile.
    let found = unsafe { &mut *context.cast::<F>() };
    found(id);
    0
}

impl Search for &Database {
    const NAME: &'static str = "Hyperscan";

    fn search<F: FnMut(u32)>(&mut self, text: &str, mut found: F) {
        // SAFETY: the text is as long as it says; database and working memory belong together, and a `Database`
        // stays with its thread; `found` outlives the call.
        let code = unsafe {
            (self.library.scan)(
                self.compiled,
                text.as_ptr().cast(),
                number(text.len()),
                0,
                self.scratch,
                Some(on_event::<F>),
                (&raw mut found).cast(),
            )
        };
        assert_eq!(code, 0, "Hyperscan's scan failed");
    }
}
