import { toHex } from './hex.ts'
import type { Random } from './key.ts'

/** What a link to a dashboard shows. Its token is a view key, of which only the digest is kept. */
export interface SharedLink {
  /** For its owner to tell it from others. */
  readonly label: string
  /** Filters that hold whatever is asked, as addresses of the dashboard have them. */
  readonly filters: readonly string[]
  readonly password?: KeptPassword
}

/** A password as it is kept, in hex. */
export interface KeptPassword {
  readonly salt: string
  /** PBKDF2 of it, SHA-256. */
  readonly hash: string
}

/** Limits of links, named in `docs/limits.md`. */
export const sharedLinkLimits = {
  /** Of a collection. */
  most: 100,
  label: 100,
  leastPassword: 8,
  mostPassword: 200,
  /** Tries at the password of a link at once, and how many ms bring one back. */
  tries: 30,
  tryAgainMs: 5000,
} as const

/** As many as Workers allow. */
const ITERATIONS = 100_000

/** Makes of a password what is kept of it. */
export async function keepPassword(password: string, random: Random): Promise<KeptPassword> {
  const salt = toHex(random(16))
  return { salt, hash: await hashOf(password, salt) }
}

export async function isPassword(password: string, { salt, hash }: KeptPassword): Promise<boolean> {
  return (await hashOf(password, salt)) === hash
}

/** What a browser keeps that gave the password: worth nothing without the token, nor after either has changed. */
export async function proofOf(token: string, { hash }: KeptPassword): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', bytesOf(hash), algorithm, false, ['sign'])
  return toHex(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytesOf(token))))
}

async function hashOf(password: string, salt: string): Promise<string> {
  const key = await crypto.subtle.importKey('raw', bytesOf(password.normalize('NFKC')), 'PBKDF2', false, [
    'deriveBits',
  ])
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt: bytesOf(salt), iterations: ITERATIONS }
  return toHex(new Uint8Array(await crypto.subtle.deriveBits(how, key, 256)))
}

function bytesOf(text: string): ReturnType<TextEncoder['encode']> {
  return new TextEncoder().encode(text)
}
