import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { upstash } from '../../adapters/store/upstash.ts'
import { upstashRest } from '../../adapters/store/upstash-rest.ts'
import { freePort } from '../support/child.ts'

interface Received {
  readonly method: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

/** What the server answers: status and body; `stall`: half a body and no more. */
let answer: readonly [status: number, body: string] | 'stall' = [200, '{"result":null}']
let received: Received[] = []

const server = createServer(async (request, response) => {
  received.push({
    method: request.method,
    headers: request.headers,
    body: JSON.parse(await text(request)),
  })
  if (answer === 'stall') return void response.writeHead(200, { 'Content-Length': 99 }).write('{"result":')
  const [status, body] = answer
  response.writeHead(status, status === 307 ? { Location: '/elsewhere' } : {}).end(body)
})

const ports = { '@upstash/redis': upstash, fetch: upstashRest }

for (const [name, open] of Object.entries(ports)) {
  describe(`the Upstash port by ${name}`, () => {
    let url: string
    const send = (...command: Parameters<ReturnType<typeof open>['send']>[0]) =>
      open({ url, token: 'its-token' }).send(command)

    beforeAll(async () => {
      if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    })

    /** Sends a command whose argument nobody else may see; gives the error, and sees to it that it was sent once. */
    async function failing(given: typeof answer): Promise<Error> {
      answer = given
      received = []
      const error: unknown = await send('RPUSH', 'journal', 'me@visitor.example').catch((e: unknown) => e)
      expect(error).toBeInstanceOf(Error)
      expect(received).toHaveLength(1)
      expect(String(error)).not.toMatch(/visitor|its-token/)
      return error as Error
    }

    test('sends a command as texts, with the token', async () => {
      answer = [200, '{"result":2}']
      received = []
      expect(await send('RPUSH', 'journal', 'ÿ\0é😀', 5)).toBe(2)
      expect(received).toMatchObject([
        {
          method: 'POST',
          headers: { authorization: 'Bearer its-token' },
          body: ['RPUSH', 'journal', 'ÿ\0é😀', '5'],
        },
      ])
    })

    test('promises of scripts, and of nothing else, that they touch their KEYS only', async () => {
      answer = [200, '{"result":null}']
      received = []
      await send('EVAL', 'return 1', 0, 'x')
      await send('HSET', 'return 1', 'x', 'y')
      expect(received.map(({ body }) => body)).toEqual([
        ['EVAL', '#!lua flags=allow-key-locking\nreturn 1', '0', 'x'],
        ['HSET', 'return 1', 'x', 'y'],
      ])
    })

    test('rejects what is an error, in words that quote nothing', async () => {
      const wrongType = '{"error":"WRONGTYPE Operation against a key holding the wrong kind of value"}'
      expect((await failing([400, wrongType])).message).toMatch(/^WRONGTYPE Operation/)
      for (const echo of [
        "ERR unknown command 'RPUSH', with args beginning with: 'journal' 'me@visitor.example'",
        'ERR cannot read ["RPUSH","journal","me@visitor.example"]',
        `ERR ${'-'.repeat(100)} me@visitor.example`,
      ])
        expect((await failing([400, JSON.stringify({ error: echo })])).message).toMatch(/^ERR /)
    })

    test('rejects an answer that is none, whatever its status', async () => {
      for (const body of ['', 'x', '{"result":"me@visitor', '"me@visitor.example'])
        for (const status of [200, 400, 429, 500, 502]) await failing([status, body])
    })

    test('gives up a reply that does not end', async () => {
      const start = performance.now()
      await failing('stall')
      expect(performance.now() - start).toBeLessThan(2000)
    })

    test('rejects when nobody is there', async () => {
      const nobody = open({ url: `http://127.0.0.1:${await freePort()}`, token: 'x' })
      await expect(nobody.send(['PING'])).rejects.toThrow()
    })
  })
}

describe('the Upstash port by fetch', () => {
  test('takes for a reply what says so, in good status', async () => {
    const { port } = server.address() as AddressInfo
    const { send } = upstashRest({ url: `http://127.0.0.1:${port}/`, token: 'x' })
    for (const [status, body] of [
      [200, '{}'],
      [200, '[]'],
      [200, 'null'],
      [200, '5'],
      [200, '{"error":{"code":1}}'],
      [400, '{"result":"OK"}'],
      [307, ''],
    ] as const) {
      answer = [status, body]
      received = []
      await expect(send(['PING'])).rejects.toThrow(`HTTP ${status} without a reply`)
      expect(received).toHaveLength(1)
    }
    answer = [200, '{"result":["null","5",null,[7]]}']
    expect(await send(['PING'])).toEqual(['null', '5', null, [7]])
  })
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
