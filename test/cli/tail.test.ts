import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Message, messagesOf } from '../../adapters/cli/tail.ts'
import { openShell, type Shell } from '../support/cli.ts'

const event = (page: string): string =>
  `event: event\ndata: ${JSON.stringify({ name: 'pageview', time: '2026-11-28T12:00:00.000Z', page, country: 'DE' })}\n\n`

describe('the messages of an event stream', () => {
  test('are the same however it is cut', async () => {
    const text = `retry: 1000\nid: 1.2\n\n: a comment\n\nid: 1.3\n${event('/ä')}event: gap\r\ndata: {}\r\n\r\ndata: a\ndata: b\n\nevent: lost`
    const bytes = new TextEncoder().encode(text)
    const expected: Message[] = [
      { id: '1.2', event: 'message', data: '' },
      { id: undefined, event: 'message', data: '' },
      { id: '1.3', event: 'event', data: expect.stringContaining('"/ä"') as string },
      { id: undefined, event: 'gap', data: '{}' },
      { id: undefined, event: 'message', data: 'a\nb' },
    ]
    for (const size of [1, 2, 7, bytes.length]) {
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
      }
      const messages: Message[] = []
      for await (const message of messagesOf(pieces())) messages.push(message)
      expect(messages).toEqual(expected)
    }
  })
})

describe('skerry tail', () => {
  const asked: (string | undefined)[] = []
  /** Streams as docs/query.md has them, each of which ends after one event. */
  const server = createServer((request, response) => {
    if (request.url !== '/shop/live') {
      response.writeHead(404).end('{"detail": "No such collection"}')
      return
    }
    asked.push(request.headers['last-event-id'] as string | undefined)
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write('event: visitors\ndata: {"visitors":3}\n\n')
    response.end(`id: 1.${asked.length}\n${event(`/${asked.length}\u009b31m`)}`)
  })
  let shell: Shell
  let url: string
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
    shell = await openShell({ SKERRY_KEY: 'a-key-for-the-stream' })
  })
  afterAll(async () => {
    server.close()
    await shell.stop()
  })

  test('shows events, goes on where a connection was lost, and lets no event command the terminal', async () => {
    const { code, out, err } = await shell.run(['tail', 'shop', '-n', '2', '--url', url])
    expect(code).toBe(0)
    expect(out).toBe(
      '2026-11-28T12:00:00.000Z  pageview  /1\ufffd31m  DE\n2026-11-28T12:00:00.000Z  pageview  /2\ufffd31m  DE\n',
    )
    expect(err).toContain('3 visitors now')
    expect(err).toContain('the connection is lost')
    expect(asked).toEqual([undefined, '1.1'])
  })

  test('ends where there is nothing to listen to', async () => {
    expect(await shell.run(['tail', 'none', '--url', url])).toEqual({
      code: 1,
      out: '',
      err: 'skerry: 404: No such collection\n',
    })
  })
})
