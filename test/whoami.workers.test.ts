import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import worker, { type Env } from '../adapters/runtime/cloudflare.ts'

async function whoami(
  headers: Readonly<Record<string, string>>,
  cf?: Partial<IncomingRequestCfProperties>,
): Promise<unknown> {
  const request = new Request('https://skerry.test/api/whoami', { headers, ...(cf && { cf }) })
  const context = { waitUntil(): void {}, passThroughOnException(): void {}, props: {} }
  const response = await worker.fetch(request as never, env as unknown as Env, context as never)
  expect(response.status).toBe(200)
  return response.json()
}

const nowhere = { country: null, region: null, city: null, placeBy: null }

test('a Worker believes CF-Connecting-IP and what Cloudflare says of the request', async () => {
  const cf = { country: 'DE', regionCode: 'BY', city: 'München' } as const
  const headers = { 'CF-Connecting-IP': '2001:DB8::9', 'X-Forwarded-For': '6.6.6.6', 'CF-IPCountry': 'KP' }
  expect(await whoami(headers, cf)).toMatchObject({
    address: '2001:db8::9',
    by: 'cf-connecting-ip',
    country: 'DE',
    region: 'DE-BY',
    city: 'München',
    placeBy: 'cloudflare',
  })
})

test("a Worker says nothing of a place that is unknown, hidden, or nobody's", async () => {
  const headers = { 'CF-Connecting-IP': '203.0.113.9' }
  expect(await whoami(headers)).toMatchObject({ address: '203.0.113.9', ...nowhere })
  expect(await whoami(headers, { country: 'T1' } as never)).toMatchObject({
    ...nowhere,
    placeBy: 'cloudflare',
  })
  expect(await whoami({}, { country: 'US', regionCode: 'TX', city: 'Austin' })).toMatchObject({
    address: null,
    ...nowhere,
  })
  expect(await whoami({ 'X-Forwarded-For': '6.6.6.6', 'X-Real-IP': '6.6.6.6' })).toMatchObject({
    address: null,
  })
})
