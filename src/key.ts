import { toHex } from './hex.ts'
import type { SharedLink } from './shared-link.ts'

/** What a key may do: add from pages; ask; add with known facts; look at a shared dashboard; everything. */
export type KeyKind = 'write' | 'read' | 'server' | 'view' | 'admin'

/** The kinds that a collection's keys are made of on request. */
export const madeKinds = ['write', 'read', 'server'] as const satisfies readonly KeyKind[]

/** A key as it is kept: a write key is public and kept whole, of the others only the digest. */
export interface StoredKey {
  readonly id: string
  readonly kind: KeyKind
  /** ISO 8601, UTC. */
  readonly created: string
  /** Write keys only. */
  readonly key?: string
  /** SHA-256 in hex; all others. */
  readonly digest?: string
  /** What a view key shows. */
  readonly link?: SharedLink
}

/** Bytes from a cryptographic source. */
export type Random = (bytes: number) => Uint8Array

const letters: Readonly<Record<KeyKind, string>> = {
  write: 'w',
  read: 'r',
  server: 's',
  view: 'v',
  admin: 'a',
}
const FORM = /^sk[wrsva]_([A-Za-z0-9_-]{32})([0-9a-f]{8})$/

/** A new key: its kind, 192 random bits and a checksum, by which mistyped and made-up keys are known without asking a store. */
export function makeKey(kind: KeyKind, random: Random): string {
  const secret = base64url(random(24))
  return `sk${letters[kind]}_${secret}${checksum(secret)}`
}

/** Whether a text can be a key of ours at all. */
export function isWellFormedKey(key: string): boolean {
  const [, secret = '', sum] = FORM.exec(key) ?? []
  return sum !== undefined && checksum(secret) === sum
}

/** SHA-256 of a key in hex: what is kept, and compared, in its place. */
export async function digestOf(key: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key))
  return toHex(new Uint8Array(digest))
}

/** A short random name, for keys and for events that came without one: 71 bits. Begins with a letter, as a command's argument must. */
export function makeId(random: Random): string {
  const [first = 0, ...others] = random(9)
  return base64url(Uint8Array.of(first & 0x7f, ...others))
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** FNV-1a, 32 bits, in hex. Guards against typing errors, not against anybody. */
function checksum(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
