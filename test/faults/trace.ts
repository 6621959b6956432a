import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a process did to files and sockets, in order. */
export type Step =
  | { readonly kind: 'open'; readonly fd: number; readonly path: string; readonly empties: boolean }
  | { readonly kind: 'close' | 'sync'; readonly fd: number }
  | { readonly kind: 'read'; readonly fd: number; readonly bytes: Buffer }
  /** `at`: undefined where the end is meant. */
  | {
      readonly kind: 'write'
      readonly fd: number
      readonly bytes: Buffer
      readonly at: number | undefined
    }
  | { readonly kind: 'truncate'; readonly fd: number; readonly size: number }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }

const CALLS =
  'openat,close,read,write,writev,pwrite64,fsync,fdatasync,ftruncate,unlink,rename,renameat,renameat2'

/** How strace is to be started: a file for each thread, `trace.<its id>`, in a folder; bytes in hex, none left out. */
export function traceArguments(folder: string): readonly string[] {
  return ['-ff', '-xx', '-s', '1000000', '-e', 'signal=none', '-e', `trace=${CALLS}`, '-o', `${folder}/trace`]
}

/** The steps of the thread that wrote a text: everything that matters here is done by one. */
export function stepsOf(folder: string, text: string): readonly Step[] {
  const wanted = hexOf(text)
  for (const name of readdirSync(folder)) {
    const trace = readFileSync(join(folder, name))
    if (trace.includes(wanted)) return linesOf(trace).flatMap(toStep)
  }
  throw new Error(`no thread of ${folder} wrote ${text}`)
}

/** One by one: all of a long trace is more than a string can hold. */
function linesOf(trace: Buffer): readonly string[] {
  const lines: string[] = []
  for (let at = 0; at < trace.length; ) {
    const end = trace.indexOf('\n', at)
    lines.push(trace.toString('latin1', at, end < 0 ? trace.length : end))
    at = end < 0 ? trace.length : end + 1
  }
  return lines
}

const hexOf = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')

/** Calls that failed did nothing. */
function toStep(line: string): readonly Step[] {
  const [, call = '', given = '', result = ''] = /^(\w+)\((.*)\)\s+= (\d+)/.exec(line) ?? []
  const fd = Number.parseInt(given, 10)
  const texts = [...given.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex = '']) => bytesOf(hex))
  const [first = Buffer.alloc(0), second] = texts
  const last = Number(/(\d+)$/.exec(given)?.[1])
  if (call === 'openat')
    return [{ kind: 'open', fd: Number(result), path: String(first), empties: given.includes('O_TRUNC') }]
  if (call === 'close') return [{ kind: 'close', fd }]
  if (call === 'fsync' || call === 'fdatasync') return [{ kind: 'sync', fd }]
  if (call === 'read') return [{ kind: 'read', fd, bytes: first }]
  if (call === 'write' || call === 'writev')
    return [{ kind: 'write', fd, bytes: Buffer.concat(texts).subarray(0, Number(result)), at: undefined }]
  if (call === 'pwrite64') return [{ kind: 'write', fd, bytes: first.subarray(0, Number(result)), at: last }]
  if (call === 'ftruncate') return [{ kind: 'truncate', fd, size: last }]
  if (call === 'unlink') return [{ kind: 'unlink', path: String(first) }]
  if (call.startsWith('rename')) return [{ kind: 'rename', from: String(first), to: String(second) }]
  return []
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex')
}
