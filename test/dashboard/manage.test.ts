import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Annotation, annotationLimits, annotationsOf, makeAnnotation } from '../../src/annotation.ts'
import { formOf, lineOf, readForm, textOfLine } from '../../src/dashboard/manage/definition-form.ts'
import { marksOf } from '../../src/dashboard/series.ts'
import { defineCollection, definitionSchema } from '../../src/definition.ts'
import { createShelf } from '../../src/shelf.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { manageContract } from '../contract/manage.ts'
import { hostileTexts } from '../support/browser/hostile-texts.ts'
import { inProcess } from '../support/in-process.ts'
import { ADMIN_KEY } from '../support/server.ts'

manageContract('in process, memory', () => inProcess(memoryStore()))

describe('the form of a definition', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc.constantFrom(...hostileTexts),
  )

  test('has each text on a line, from which it is read as it was', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(lineOf(text)).not.toMatch(/[\r\n\0]/)
        expect(textOfLine(lineOf(text).trim())).toBe(text)
      }),
    )
  })

  test('says what the definition said', () => {
    const short = texts.filter((text) => text !== '' && text.length <= 255)
    fc.assert(
      fc.property(fc.uniqueArray(short, { maxLength: 9 }), fc.nat({ max: 400 }), (list, days) => {
        const goals = list.map((name, i) => (i % 2 ? { name, event: name } : { name, page: name }))
        const retention = days === 0 ? null : days
        const input = definitionSchema.parse({ aliases: list, query: list, goals, retention })
        const definition = defineCollection('site', input)
        const sent = new URLSearchParams(String(formOf(definition)).replaceAll('%0A', '%0D%0A'))
        expect(defineCollection('site', definitionSchema.parse(readForm(sent)))).toEqual(definition)
      }),
    )
  })
})

describe('annotations', () => {
  const all = annotationsOf(
    new Map(['2026-03-02 b', '2026-03-01 a', '2026-03-08 d', '2026-02-27 early'].map((id) => [id, ''])),
  )
  const textsOf = (marks: ReadonlyMap<number, readonly Annotation[]>): unknown =>
    [...marks].map(([at, some]) => [at, some.map(({ text }) => text)])

  test('are in order of time', () => {
    expect(all.map(({ text }) => text)).toEqual(['early', 'a', 'b', 'd'])
    expect(annotationsOf(new Map([[makeAnnotation('2026-01-01', ' x\n y ').id, '']]))[0]).toEqual({
      ...{ id: '2026-01-01 x y', date: '2026-01-01', text: 'x y' },
    })
    expect(makeAnnotation('2026-01-01', 'a'.repeat(annotationLimits.text)).text).toHaveLength(
      annotationLimits.text,
    )
  })

  test.each([
    [
      'day',
      ['2026-03-01', '2026-03-02', '2026-03-03'],
      [
        [0, ['a']],
        [1, ['b']],
      ],
    ],
    [
      'week',
      ['2026-02-23', '2026-03-02'],
      [
        [0, ['early', 'a']],
        [1, ['b', 'd']],
      ],
    ],
    [
      'month',
      ['2026-02-01', '2026-03-01'],
      [
        [0, ['early']],
        [1, ['a', 'b', 'd']],
      ],
    ],
    ['hour', ['2026-03-02 00:00:00', '2026-03-02 01:00:00'], [[0, ['b']]]],
  ] as const)('belong to the %s in which they are', (unit, labels, expected) => {
    expect(textsOf(marksOf(all, { unit, labels }))).toEqual(expected)
  })
})

test('a shelf holds so many, and each of its texts once', async () => {
  const store = memoryStore()
  const shelf = createShelf(store, 'thing', 2)
  await shelf.put('a', 'one', '1')
  await shelf.put('a', 'two', '2')
  await expect(shelf.put('a', 'three', '3')).rejects.toMatchObject({ code: 'too_large' })
  await shelf.put('a', 'two', '22')
  await shelf.put('b', 'three', '3')
  expect([...(await shelf.list('a'))]).toEqual([
    ['one', '1'],
    ['two', '22'],
  ])
  expect([await shelf.remove('a', 'one'), await shelf.remove('a', 'one')]).toEqual([true, false])
  await shelf.clear('a')
  expect([(await shelf.list('a')).size, (await shelf.list('b')).size]).toEqual([0, 1])
})

describe('the address in the snippet and in links', () => {
  const forwarded = { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'https' }

  test.each([
    ['nobody says', {}, {}, 'http'],
    ['a proxy that nobody trusts says', {}, forwarded, 'http'],
    ['a proxy that is trusted says', { TRUST_PROXY: '1' }, forwarded, 'https'],
    [
      'a trusted proxy says it was not',
      { TRUST_PROXY: '1' },
      { ...forwarded, 'X-Forwarded-Proto': 'http' },
      'http',
    ],
    [
      'a client says to a trusted proxy',
      { TRUST_PROXY: '1' },
      { ...forwarded, 'X-Forwarded-Proto': 'https, http' },
      'http',
    ],
    ['the browser shows', {}, { 'Sec-Fetch-Site': 'same-origin' }, 'https'],
  ])('is of HTTPS where %s so', async (_, environment, headers, scheme) => {
    const subject = await inProcess(memoryStore(), environment)
    const form = { 'Content-Type': 'application/x-www-form-urlencoded', ...headers }
    const body = String(new URLSearchParams({ do: 'sign-in', key: ADMIN_KEY }))
    const signedIn = await subject.fetch('/', { method: 'POST', headers: form, body })
    const Cookie = signedIn.headers.get('Set-Cookie')?.split(';')[0] ?? ''
    const init = { headers: { Cookie, ...headers } }
    for (const search of ['?site=pageviews&manage=snippet', '?site=pageviews'])
      expect(await (await subject.fetch(`/${search}`, init)).text()).toContain(
        `src=&quot;${scheme}://skerry.test/s.js`,
      )
    const link = String(new URLSearchParams({ do: 'add-link', site: 'pageviews' }))
    const made = await subject.fetch('/', { method: 'POST', headers: { ...form, Cookie }, body: link })
    expect(await made.text()).toContain(`<code>${scheme}://skerry.test/?view=skv_`)
    await subject.stop()
  })
})
