import { ENGAGEMENT } from '../src/event.ts'
import type { BenchBeacon } from './beacons.ts'

/** Where requests go, and what a server wants to see in them. */
export interface Target {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** The header that tells a browser's address; undefined: `x-forwarded-for`. */
  readonly addressHeader?: string
}

/** An HTTP/1.1 request as bytes. */
export interface BenchRequest {
  readonly bytes: Buffer
  /** Where the ids of its events begin: each sending gives them new ones, so that nothing is a repeat. */
  readonly ids: readonly number[]
  /** Events that a count will show: engagement is left out of it. */
  readonly counted: number
}

/** A browser's request for each beacon, as a proxy hands it on. */
export function singleRequests(beacons: readonly BenchBeacon[], target: Target): readonly BenchRequest[] {
  const { addressHeader = 'x-forwarded-for' } = target
  return beacons.map(({ body, headers, address }) =>
    request([Buffer.from(body)], { ...headers, [addressHeader]: address }, target),
  )
}

/** A server's requests with so many beacons each, who tells of each whose it was. */
export function batchRequests(
  beacons: readonly BenchBeacon[],
  size: number,
  target: Target,
): readonly BenchRequest[] {
  const items = beacons.map(toItem)
  return Array.from({ length: Math.floor(items.length / size) }, (_, at) =>
    request(items.slice(at * size, (at + 1) * size), { 'content-type': 'application/json' }, target),
  )
}

/** A beacon as a server with a key of its own passes it on. */
export function toItem({ body, headers, address }: BenchBeacon): Buffer {
  return Buffer.from(JSON.stringify({ ...JSON.parse(body), agent: headers['user-agent'], address }))
}

const ID = '"id":"'
const ID_LENGTH = 12

/** One item is the body itself, several are an array. */
function request(
  items: readonly Buffer[],
  headers: Readonly<Record<string, string>>,
  target: Target,
): BenchRequest {
  const isBatch = items.length > 1
  const body = isBatch ? Buffer.concat([Buffer.from('['), join(items), Buffer.from(']')]) : join(items)
  const lines = {
    ...{ host: 'stats.example.com', connection: 'keep-alive', accept: '*/*' },
    ...{ 'accept-encoding': 'gzip, deflate, br, zstd', ...headers, ...target.headers },
    'content-length': body.length,
  }
  const head = [`POST ${target.path} HTTP/1.1`, ...Object.entries(lines).map((pair) => pair.join(': '))]
  const bytes = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
  let at = bytes.length - body.length + (isBatch ? 1 : 0)
  const ids = items.map((item) => {
    const id = at + item.indexOf(ID) + ID.length
    at += item.length + 1
    return id
  })
  return { bytes, ids, counted: items.filter((item) => !item.includes(`"name":"${ENGAGEMENT}"`)).length }
}

function join(items: readonly Buffer[]): Buffer {
  return Buffer.concat(items.flatMap((item, at) => (at === 0 ? [item] : [Buffer.from(','), item])))
}

const LETTERS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
let given = 0
let noise = 0x9e3779b9

/** Writes an id that nobody had before, half chance and half a number. */
export function writeId(bytes: Buffer, at: number): void {
  given += 1
  // Xorshift (Marsaglia, 2003).
  noise ^= noise << 13
  noise ^= noise >>> 17
  noise ^= noise << 5
  for (let i = 0; i < ID_LENGTH / 2; i++) {
    bytes[at + 2 * i] = LETTERS[(noise >>> (5 * i)) & 63] as number
    bytes[at + 2 * i + 1] = LETTERS[(given >>> (6 * i)) & 63] as number
  }
}
