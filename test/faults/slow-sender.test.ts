import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { ADMIN_KEY, type Server, startNode } from '../support/server.ts'
import { figure, isLong } from './scale.ts'
import { countOf, newAccount, sendTraffic } from './traffic.ts'

const SLOW = 1000
/** Longer than slow senders are borne. */
const SECONDS = 16
const HONEST_A_SECOND = 200
const BODY = 60_000

/** How a connection is slow: it says nothing at all, or sends its headers or its body a byte at a time. */
const kinds = ['silent', 'headers', 'body'] as const

interface SlowSender {
  readonly socket: Socket
  readonly began: number
  /** When the server had enough of it; ms after it began. */
  held: number | undefined
  /** The status it was told. */
  status: string
}

const HEAD = `POST /pageviews HTTP/1.1\r\nHost: x\r\nAuthorization: Key ${ADMIN_KEY}\r\nContent-Length: ${BODY}\r\n`

function startSlow({ url }: Server, n: number): SlowSender {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' })
  const sender: SlowSender = { socket, began: performance.now(), held: undefined, status: '' }
  const kind = kinds[n % kinds.length]
  socket.on('connect', () => {
    if (kind === 'headers') socket.write(HEAD)
    if (kind === 'body') socket.write(`${HEAD}\r\n{"page":"/slow","title":"`)
  })
  const drip = setInterval(() => {
    if (kind !== 'silent' && socket.writable) socket.write('x')
  }, 1000)
  socket.setEncoding('latin1').on('data', (text) => {
    sender.status ||= String(text).slice(9, 12)
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    clearInterval(drip)
    sender.held = performance.now() - sender.began
  })
  return sender
}

test('a thousand slow senders keep nobody out, and are let go of', { timeout: 120_000 }, async ({
  onTestFinished,
}) => {
  const server = await startNode()
  onTestFinished(() => server.stop())
  const senders = Array.from({ length: SLOW }, (_, n) => startSlow(server, n))
  const account = newAccount()
  const waits: number[] = []
  await sendTraffic(server.url, account, {
    connections: 16,
    until: AbortSignal.timeout(1000 * SECONDS),
    perSecond: HONEST_A_SECOND,
    seen: (_status, sent) => waits.push(performance.now() - sent),
  })
  const held = senders.map((sender) => sender.held ?? Number.POSITIVE_INFINITY)
  const statuses = [...new Set(senders.map(({ status }) => status))].sort()
  for (const { socket } of senders) socket.destroy()
  const taken = account.answers.get(201) ?? 0
  const p99 = waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? 0
  figure('slow senders', {
    ...{ sockets: SLOW, honest: account.made, taken, 'p99 ms': p99.toFixed(0) },
    'held longest ms': Math.max(...held).toFixed(0),
    told: statuses.join(' '),
  })
  expect(taken / account.made).toBeGreaterThanOrEqual(0.999)
  expect(Math.max(...held)).toBeLessThanOrEqual(15_000)
  expect(statuses).toEqual(['408'])
  // Of what came slowly nothing was stored.
  expect(await countOf(server.url)).toBe(account.acknowledged.size)
  if (isLong) expect(p99).toBeLessThanOrEqual(100)
})
