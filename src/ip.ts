/**
 * An IP address as eight groups of 16 bits. IPv4 stands where IPv6 maps it, in ::ffff:0:0/96
 * (RFC 4291 §2.5.5.2), so that 192.0.2.1 and ::ffff:192.0.2.1 are one address.
 */
export type Ip = readonly number[]

/** All addresses that begin with the same bits. */
export interface Network {
  readonly ip: Ip
  readonly bits: number
}

/**
 * Reads IPv4 of four decimal parts, or IPv6 (RFC 4291 §2.2). All else is none: names, ports, zone ids, and the
 * short, octal and hexadecimal IPv4 of inet_aton, which programs read differently.
 */
export function parseIp(text: string): Ip | undefined {
  const v4 = parseV4(text)
  return v4 ? [0, 0, 0, 0, 0, 0xffff, ...v4] : parseV6(text)
}

/** The one text of an address: dotted IPv4, else IPv6 by RFC 5952. */
export function formatIp(ip: Ip): string {
  if (isV4(ip)) {
    const [high = 0, low = 0] = ip.slice(6)
    return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
  }
  const text = ip.map((group) => group.toString(16)).join(':')
  let [zeros, at] = ['', 0]
  for (const { 0: run, index } of text.matchAll(/\b0(?::0)+\b/g)) {
    if (run.length > zeros.length) [zeros, at] = [run, index]
  }
  if (zeros === '') return text
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + zeros.length).replace(/^:/, '')}`
}

/**
 * A client's address as far as it tells one household from another: IPv4 whole, of IPv6 the first 64 bits,
 * since the rest changes by itself. Text that is no address is taken as it is.
 */
export function networkOf(address: string): string {
  if (parseV4(address)) return address
  const ip = parseIp(withoutPort(address.trim()).split('%')[0] ?? '')
  if (!ip) return address
  return isV4(ip)
    ? formatIp(ip)
    : ip
        .slice(0, 4)
        .map((group) => group.toString(16))
        .join(':')
}

/** An address in its one form that is of this machine: 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}

/** Text without a port: `192.0.2.1:80` and `[2001:db8::1]:80`, also `[2001:db8::1]`. */
export function withoutPort(text: string): string {
  return /^(?:\[([^\]]*:[^\]]*)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(text)?.slice(1).find(Boolean) ?? text
}

/** Reads CIDR notation (RFC 4632, RFC 4291 §2.3); an address alone is a network of one. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = '', length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const ip = parseIp(address)
  const width = address.includes(':') ? 128 : 32
  const prefix = Number(length ?? width)
  return ip && prefix <= width ? { ip, bits: 128 - width + prefix } : undefined
}

export function isWithin(ip: Ip, network: Network): boolean {
  for (let i = 0, left = network.bits; left > 0; i++, left -= 16) {
    const difference = (ip[i] ?? 0) ^ (network.ip[i] ?? 0)
    if (left >= 16 ? difference !== 0 : difference >> (16 - left) !== 0) return false
  }
  return true
}

function isV4(ip: Ip): boolean {
  return isWithin(ip, MAPPED)
}

const MAPPED: Network = { ip: [0, 0, 0, 0, 0, 0xffff], bits: 96 }

const DOT = 0x2e
const ZERO = 0x30

/** The two groups that hold an IPv4 address. Every beacon's is read, so it is looked at only once. */
function parseV4(text: string): Ip | undefined {
  const { length } = text
  if (length > 15) return undefined
  let address = 0
  let parts = 0
  let part = -1
  for (let i = 0; i <= length; i++) {
    const unit = i === length ? DOT : text.charCodeAt(i)
    const digit = unit - ZERO
    if (unit === DOT && part >= 0 && part <= 255) {
      address = address * 256 + part
      parts++
      part = -1
    } else if (digit >= 0 && digit <= 9 && part !== 0) part = part < 0 ? digit : part * 10 + digit
    else return undefined
  }
  return parts === 4 ? [Math.floor(address / 0x1_0000), address % 0x1_0000] : undefined
}

function parseV6(text: string): Ip | undefined {
  if (text.length > 45 || !text.includes(':')) return undefined
  const end = text.lastIndexOf(':') + 1
  const v4 = text.indexOf('.', end) < 0 ? [] : parseV4(text.slice(end))
  if (!v4) return undefined
  const whole = v4.length === 0 ? text : text.slice(0, end) + v4.map((group) => group.toString(16)).join(':')
  const [head = [], tail, ...more] = whole.split('::').map(readGroups)
  const groups = [...head, ...(tail ?? [])]
  const zeros = 8 - groups.length
  if (more.length > 0 || groups.some(Number.isNaN) || (tail ? zeros < 1 : zeros !== 0)) return undefined
  return [...head, ...Array<number>(zeros).fill(0), ...(tail ?? [])]
}

function readGroups(text: string): readonly number[] {
  if (text === '') return []
  return text
    .split(':')
    .map((group) => (/^[\da-f]{1,4}$/i.test(group) ? Number.parseInt(group, 16) : Number.NaN))
}
