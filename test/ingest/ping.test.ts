import { describe, expect, test } from 'vitest'
import { startSender } from './sending.ts'

const { send } = startSender()

const type = { 'Content-Type': 'text/ping' }
const to = 'https://u:p@other.example:8443/me@x.example/b?token=s3cret&tab=2#frag'

describe('<a ping>', () => {
  test('of the own origin tells page and target', async () => {
    const { status, text, rows } = await send('PING', {
      ...type,
      'Ping-To': to,
      'Ping-From': 'https://shop.example/a?utm_source=x&token=s3cret#frag',
    })
    expect([status, text]).toEqual([201, ''])
    expect(rows).toMatchObject([{ name: 'ping', page: '/a', hostname: 'shop.example', utm_source: 'x' }])
    expect(rows[0]?.props).toEqual({ target: 'https://other.example/*/b' })
    expect(JSON.stringify(rows)).not.toMatch(/frag|s3cret|8443/)
  })

  test('of another origin tells the page in its URL, if the page says it', async () => {
    const query = `page=${encodeURIComponent('https://shop.example/a?x=1#frag')}`
    const { rows } = await send('PING', { ...type, 'Ping-To': to }, { query })
    expect(rows).toMatchObject([{ name: 'ping', page: '/a', hostname: 'shop.example' }])
    const without = await send('PING', { ...type, 'Ping-To': to })
    expect(without.status).toBe(201)
    expect(without.rows).toMatchObject([{ name: 'ping', props: { target: 'https://other.example/*/b' } }])
    expect(without.rows[0]).not.toHaveProperty('page')
  })

  test('keeps what the definition keeps of a query, of page and target alike', async () => {
    const headers = { ...type, 'Ping-To': to, 'Ping-From': 'https://shop.example/a?tab=1&x=2' }
    const { rows } = await send('PING', headers, { settings: { query: ['tab'] } })
    expect(rows).toMatchObject([{ page: '/a?tab=1', props: { target: 'https://other.example/*/b?tab=2' } }])
  })

  test('is never too long', async () => {
    const long = `https://shop.example/${'a'.repeat(3000)}?${'b'.repeat(3000)}`
    const { status, rows } = await send('PING', { ...type, 'Ping-To': long, 'Ping-From': long })
    expect(status).toBe(201)
    expect(String(rows[0]?.page)).toMatch(/^\/a{2000,}$/)
    expect(rows).toMatchObject([{ props: { target: expect.stringMatching(/^.{2000}$/) } }])
  })

  test('to a mail address tells that it was one', async () => {
    const { rows } = await send('PING', { ...type, 'Ping-To': 'mailto:me@x.example' })
    expect(rows).toMatchObject([{ props: { target: 'mailto' } }])
  })

  test('is told by its headers', async () => {
    expect((await send('PING', { 'Ping-To': to })).status).toBe(201)
    expect((await send('PING', type)).status).toBe(201)
    expect((await send('PING', { 'Content-Type': 'text/plain' })).status).toBe(400)
    expect((await send('PONG', type)).status).toBe(400)
  })
})
