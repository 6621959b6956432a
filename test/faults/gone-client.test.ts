import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { startRedis } from '../support/redis-server.ts'
import { ADMIN_KEY, startNode } from '../support/server.ts'
import { startGateway } from '../support/upstash-gateway.ts'
import { expectExact } from './audit.ts'
import { figure } from './scale.ts'
import { countOf, newAccount, sentIds, usualBeacon } from './traffic.ts'
import { startWorkerd } from './workerd.ts'

const AT_ONCE = 8

/** How a client goes once its body is sent: by closing its half (FIN), or resetting all (RST). */
type Leave = 'end' | 'resetAndDestroy'

interface Client {
  readonly packets: 1 | 2
  readonly leave: Leave
  /** It waits so long before it leaves, ms. */
  readonly afterMs: number
}

/** Sends a whole request and is gone, whatever is answered. */
function sendAndLeave(port: number, body: string, { packets, leave, afterMs }: Client): Promise<void> {
  const head = headOf(body)
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
      const go = (): unknown => (afterMs > 0 ? setTimeout(() => socket[leave](), afterMs) : socket[leave]())
      if (packets === 1) socket.write(head + body, go)
      else socket.write(head, () => socket.write(body, go))
    })
    socket.on('error', () => {}).on('close', () => resolve())
    socket.resume()
  })
}

function headOf(body: string): string {
  return `POST /pageviews HTTP/1.1\r\nHost: x\r\nAuthorization: Key ${ADMIN_KEY}\r\nContent-Length: ${body.length}\r\n\r\n`
}

/** Lets so many clients send and leave, and expects all of their beacons to be stored, each once. */
async function expectAllStored(
  name: string,
  url: string,
  clients: number,
  client: (n: number) => Client,
  account = newAccount(),
): Promise<void> {
  const port = Number(new URL(url).port)
  const last = account.made + clients
  async function oneByOne(): Promise<void> {
    while (account.made < last) {
      const n = account.made++
      const beacon = usualBeacon(n)
      account.unknown.push(beacon)
      await sendAndLeave(port, beacon.body, client(n))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, oneByOne))
  const events = sentIds(account).size
  await expect.poll(() => countOf(url).catch(() => -1), { timeout: 5000 }).toBe(events)
  await expectExact(url, account)
  figure(`client gone after a complete body, ${name}`, { clients, lost: 0, doubled: 0 })
}

describe('a client that is gone right after its body', () => {
  test('is counted on Node', async ({ onTestFinished }) => {
    const server = await startNode()
    onTestFinished(() => server.stop())
    await expect.poll(() => countOf(server.url).catch(() => -1)).toBe(0)
    await expectAllStored('Node', server.url, 1000, (n) => ({
      packets: n % 2 ? 1 : 2,
      leave: n % 4 < 2 ? 'end' : 'resetAndDestroy',
      afterMs: 0,
    }))
  })

  /** workerd loses some requests whose connection is reset before it has read them: those nobody hands to us. */
  test('is counted in workerd, once it has handed us the request', { timeout: 120_000 }, async ({
    onTestFinished,
  }) => {
    const redis = await startRedis()
    const gateway = await startGateway(redis.url)
    const { url, stop } = await startWorkerd('adapters/runtime/cloudflare.ts', {
      UPSTASH_REDIS_REST_URL: gateway.url,
      UPSTASH_REDIS_REST_TOKEN: gateway.token,
    })
    onTestFinished(async () => {
      await stop()
      await gateway.stop()
      await redis.stop()
    })
    const account = newAccount()
    // An isolate that begins reads definitions, keys and salts before it can store: a client may leave in the midst of that.
    gateway.fail('late', 20)
    const early = (n: number): Client => ({
      packets: 1,
      leave: n % 2 ? 'end' : 'resetAndDestroy',
      afterMs: 150,
    })
    await expectAllStored('workerd, while it reads what it needs', url, 40, early, account)
    const atOnce = (n: number): Client => ({ packets: n % 2 ? 1 : 2, leave: 'end', afterMs: 0 })
    await expectAllStored('workerd', url, 960, atOnce, account)
  })
})

test('of a body that was cut short nothing is stored', async () => {
  const server = await startNode()
  const port = Number(new URL(server.url).port)
  await expect.poll(() => countOf(server.url).catch(() => -1)).toBe(0)
  for (let i = 0; i < 20; i++) {
    const body = JSON.stringify({ id: `cut${i}`, page: '/' })
    const padded = `${body}${' '.repeat(1 + i)}`
    await sendPart(port, padded, body.length - 5 * (i % 2))
  }
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await countOf(server.url)).toBe(0)
  await server.stop()
})

/** Sends a part of a body whose length was said, and resets the connection. */
function sendPart(port: number, body: string, length: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(headOf(body) + body.slice(0, length), () => setTimeout(() => socket.resetAndDestroy(), 5))
    })
    socket.on('error', () => {}).on('close', () => resolve())
  })
}
