import { parseNetwork } from '../../src/ip.ts'

/** What an MMDB file may hold, as far as places need it. */
export type MmdbValue =
  | string
  | number
  | bigint
  | readonly MmdbValue[]
  | { readonly [name: string]: MmdbValue | undefined }

export interface MmdbContent {
  /** By network, in CIDR notation; later ones win within earlier ones. */
  readonly networks: Readonly<Record<string, MmdbValue>>
  readonly ipVersion?: 4 | 6
  readonly recordSize?: 24 | 28 | 32
}

/** A branch of the tree: another node, an offset into the data, or nothing. */
type Branch = Node | number | undefined
type Node = [Branch, Branch]

/** Writes a database as MaxMind DB 2.0 specifies it, with pointers to text that was there before. */
export function writeMmdb({ networks, ipVersion = 6, recordSize = 28 }: MmdbContent): Buffer {
  const data = dataSection()
  const root: Node = [undefined, undefined]
  for (const [network, value] of Object.entries(networks)) {
    insert(root, bitsOf(network, ipVersion), data.add(value))
  }
  const nodes: Node[] = []
  const number = (node: Node): void => {
    nodes.push(node)
    for (const branch of node) if (Array.isArray(branch)) number(branch)
  }
  number(root)
  const index = new Map(nodes.map((node, i) => [node, i]))
  const record = (branch: Branch): number => {
    if (branch === undefined) return nodes.length
    return typeof branch === 'number' ? nodes.length + 16 + branch : (index.get(branch) ?? 0)
  }
  const tree = nodes.map(([left, right]) => packed(record(left), record(right), recordSize))
  const metadata = dataSection()
  metadata.add({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_790_000_000n,
    database_type: 'Test-City',
    description: { en: 'Places that are not' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: nodes.length,
    record_size: recordSize,
  })
  const marker = Buffer.concat([Buffer.from([0xab, 0xcd, 0xef]), Buffer.from('MaxMind.com')])
  return Buffer.concat([...tree, Buffer.alloc(16), data.bytes(), marker, metadata.bytes()])
}

/** The first bits of a network; IPv4 lies in ::/96 of an IPv6 tree. */
function bitsOf(network: string, ipVersion: 4 | 6): string {
  const { ip, bits } = parseNetwork(network) ?? { ip: [], bits: 0 }
  const all = ip.map((group) => group.toString(2).padStart(16, '0')).join('')
  if (network.includes(':')) return all.slice(0, bits)
  return (ipVersion === 4 ? '' : '0'.repeat(96)) + all.slice(96, bits)
}

function insert(root: Node, bits: string, offset: number): void {
  let node = root
  for (const [i, bit] of [...bits].entries()) {
    const side = bit === '1' ? 1 : 0
    const isLast = i === bits.length - 1
    const there = node[side]
    // A network within another one: the other goes on beside it.
    const next: Branch = isLast ? offset : Array.isArray(there) ? there : [there, there]
    node[side] = next
    if (Array.isArray(next)) node = next
  }
}

function packed(left: number, right: number, recordSize: 24 | 28 | 32): Buffer {
  const bytes = Buffer.alloc(recordSize / 4)
  if (recordSize === 32) {
    bytes.writeUInt32BE(left, 0)
    bytes.writeUInt32BE(right, 4)
    return bytes
  }
  bytes.writeUIntBE(left & 0xffffff, 0, 3)
  bytes.writeUIntBE(right & 0xffffff, recordSize === 28 ? 4 : 3, 3)
  if (recordSize === 28) bytes[3] = ((left >> 24) << 4) | (right >> 24)
  return bytes
}

/** Types of the format, and bytes. */
const UINT16 = [5, 2] as const
const UINT32 = [6, 4] as const
const UINT64 = [9, 8] as const
const shorts: ReadonlySet<MmdbValue | undefined> = new Set([
  'binary_format_major_version',
  'binary_format_minor_version',
  'ip_version',
  'record_size',
])

function dataSection(): { add(value: MmdbValue): number; bytes(): Buffer } {
  const bytes: number[] = []
  const texts = new Map<string, number>()
  const control = (type: number, size: number): void => {
    const low = size < 29 ? size : 29
    bytes.push(...(type < 8 ? [(type << 5) | low] : [low, type - 7]), ...(low === 29 ? [size - 29] : []))
  }
  const writeNumber = (value: number | bigint, [type, size]: readonly [number, number]): void => {
    control(type, size)
    for (let i = size - 1; i >= 0; i--) bytes.push(Number((BigInt(value) >> BigInt(8 * i)) & 255n))
  }
  const write = (value: MmdbValue, name?: MmdbValue): void => {
    if (typeof value === 'bigint') writeNumber(value, UINT64)
    else if (typeof value === 'number') writeNumber(value, shorts.has(name) ? UINT16 : UINT32)
    else if (typeof value === 'string') writeText(value)
    else if (Array.isArray(value)) {
      control(11, value.length)
      for (const item of value) write(item)
    } else {
      const members = Object.entries(value).filter(([, member]) => member !== undefined)
      control(7, members.length)
      for (const [key, member] of members) {
        write(key)
        write(member as MmdbValue, key)
      }
    }
  }
  const writeText = (text: string): void => {
    const at = texts.get(text)
    if (at !== undefined) {
      bytes.push(...(at < 2048 ? [32 | (at >> 8)] : [40 | ((at - 2048) >> 16), ((at - 2048) >> 8) & 255]))
      bytes.push((at < 2048 ? at : at - 2048) & 255)
      return
    }
    texts.set(text, bytes.length)
    const utf8 = Buffer.from(text)
    control(2, utf8.length)
    bytes.push(...utf8)
  }
  return {
    add(value): number {
      const offset = bytes.length
      write(value)
      return offset
    },
    bytes: () => Buffer.from(bytes),
  }
}
