import { describe, expect, test } from 'vitest'
import { type Message, messagesOf } from '../../adapters/cli/tail.ts'
import { type Child, startChild } from '../support/child.ts'
import { openShell } from '../support/cli.ts'
import { ADMIN_KEY, startNode } from '../support/server.ts'

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

const headers = { Authorization: `Key ${ADMIN_KEY}` }

function watch(words: readonly string[], env: NodeJS.ProcessEnv): Child {
  return startChild(process.execPath, ['bin/skerry.js', 'tail', ...words], { REDIS_URL: '', ...env })
}

async function send(url: string, page: string): Promise<void> {
  const body = JSON.stringify({ page, country: 'DE' })
  expect((await fetch(`${url}/pageviews`, { method: 'POST', headers, body })).status).toBe(201)
}

/** Sends an event until it is seen: who begins to listen is told of what comes from then on. */
async function sendUntilSeen(url: string, page: string, watching: Child, seen: RegExp): Promise<void> {
  while (!seen.test(watching.output())) {
    await send(url, page)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

describe('skerry tail', () => {
  test('shows what a server is sent, also what came while the connection was lost', async () => {
    const first = await startNode()
    const watching = watch(['pageviews', '--url', first.url], { SKERRY_KEY: ADMIN_KEY })
    const line = (page: string): RegExp => new RegExp(`^\\d{4}-\\S+Z {2}pageview {2}${page} {2}DE$`, 'm')
    await sendUntilSeen(first.url, '/1', watching, line('/1'))
    first.child.signal('SIGKILL')
    await watching.until(/the connection is lost/)
    const second = await startNode({ PORT: new URL(first.url).port, SKERRY_DATA: first.folder.path })
    await send(second.url, '/2')
    await send(second.url, '/3')
    await watching.until(line('/3'))
    expect(watching.output()).toMatch(line('/2'))
    await watching.stop()
    await second.stop()
    await first.stop()
  })

  test('shows what others add to the store of the settings', async () => {
    const server = await startNode()
    const watching = watch(['pageviews', '--json', '-n', '1'], { SKERRY_DATA: server.folder.path })
    await sendUntilSeen(server.url, '/a', watching, /"page":"\/a"/)
    expect(await watching.ended).toBe(0)
    await server.stop()
  })

  test('ends where there is nothing to listen to', async () => {
    const server = await startNode()
    const shell = await openShell({ SKERRY_KEY: ADMIN_KEY })
    expect(await shell.run(['tail', 'none', '--url', server.url])).toEqual({
      code: 1,
      out: '',
      err: 'skerry: 404: No such collection\n',
    })
    await shell.stop()
    await server.stop()
  })
})
