import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryStore } from '../src/store/memory.ts'
import type { Subject } from './contract/app.ts'
import { Client, type Json, type Site } from './contract/client.ts'
import { blocksOf } from './support/docs.ts'
import { inProcess } from './support/in-process.ts'

/** JSON of a page, in its order. */
function jsonOf(page: string): readonly Json[] {
  return blocksOf(page)
    .filter(({ info }) => info === 'json')
    .map(({ text }) => JSON.parse(text) as Json)
}

describe('what the docs show as JSON', () => {
  let subject: Subject
  let site: Site
  const client = new Client(() => subject)
  const [definition = {}, whoami = {}] = jsonOf('docs/api.md')
  const examples = jsonOf('docs/query.md')
  const isAnswer = (example: Json): boolean => 'results' in example
  beforeAll(async () => {
    subject = await inProcess(memoryStore())
    site = await client.makeSite(definition)
    const visit = { visitor: 'a', country: 'DE' }
    await client.deliver(site, [
      { ...visit, page: '/', time: 'now' },
      { ...visit, page: '/pricing', time: 'now' },
      { ...visit, name: 'web-vital', page: '/pricing', props: { lcp: 1200, inp: 80 }, time: 'now' },
    ])
  })
  afterAll(() => subject?.stop())

  test('is a definition that is taken, with all that one has', async () => {
    const response = await client.call(`/api/collections/${site.name}`, {
      headers: client.as(client.adminKey),
    })
    expect(await response.json()).toEqual({ ...definition, name: site.name })
  })

  test('are the members of an answer', async () => {
    const answer = (await (await client.call('/api/whoami')).json()) as Json
    expect(Object.keys(answer).sort()).toEqual(Object.keys(whoami).sort())
  })

  test.each(examples.filter((one) => !isAnswer(one)).map((one) => [JSON.stringify(one), one] as const))(
    'is a question that is answered: %s',
    async (text, asked) => {
      const kind = 'metrics' in asked ? 'query' : Array.isArray(asked.steps) ? 'funnel' : 'journeys'
      const today = text.replace('"28d"', '"day"')
      const init = { method: 'POST', headers: client.as(site.read), body: today }
      const response = await client.call(`/${site.name}/${kind}`, init)
      const answer = (await response.json()) as Json
      expect([response.status, answer]).toEqual([
        200,
        expect.objectContaining({ results: expect.any(Array) }),
      ])
      const next = examples[examples.indexOf(asked) + 1]
      if (!next || !isAnswer(next)) return
      const [row] = next.results as readonly Json[]
      expect(Object.keys(answer.meta as Json)).toEqual(expect.arrayContaining(Object.keys(next.meta as Json)))
      expect(Object.keys(answer.query as Json)).toEqual(
        expect.arrayContaining(Object.keys(next.query as Json)),
      )
      for (const found of answer.results as readonly Json[])
        expect(Object.keys(found).sort()).toEqual(Object.keys(row ?? {}).sort())
    },
  )

  test('are not few', () => {
    expect(examples.filter(isAnswer).length).toBeGreaterThanOrEqual(3)
    expect(examples.filter((one) => !isAnswer(one)).length).toBeGreaterThanOrEqual(3)
  })
})
