import { constants, enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// Code that is compiled once is read back at the next start. Its folder is never the system's for temporary files,
// where others may write: beside the packages, or the user's own where those are read-only. Node's own settings,
// NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE, come first.
const beside = join(import.meta.dirname, '../node_modules/.cache/skerry')
const own = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'skerry')

if (enableCompileCache(beside).status === constants.compileCacheStatus.FAILED) enableCompileCache(own)
