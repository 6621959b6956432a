import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { annotationLimits } from '../../src/annotation.ts'
import { savedViewLimits } from '../../src/saved-view.ts'
import { hostileTexts } from '../support/browser/hostile-texts.ts'
import { freshName } from '../support/event.ts'
import { formIn, plainText } from '../support/html-form.ts'
import type { Subject } from './app.ts'
import { Client, type Json, type Site } from './client.ts'

const DAY_MS = 86_400_000

type Who = 'nobody' | 'its reader' | "another's reader" | 'an admin'
type Form = URLSearchParams | Readonly<Record<string, string>>

interface Answer {
  readonly status: number
  readonly location: string | null
  readonly text: string
  readonly cookies: readonly string[]
}

/** Pages on which collections are managed, and what their forms do, over whatever runs the program. */
export function manageContract(name: string, start: () => Promise<Subject>): void {
  describe(`managing: ${name}`, () => {
    let subject: Subject
    let site: Site
    let other: Site
    const cookies = new Map<Who, string>()
    const client = new Client(() => subject)

    beforeAll(async () => {
      subject = await start()
      site = await client.makeSite()
      other = await client.makeSite()
      await client.deliver(site, days(5))
      cookies.set('its reader', await signIn(site.read))
      cookies.set("another's reader", await signIn(other.read))
      cookies.set('an admin', await signIn(subject.adminKey))
    }, 90_000)
    afterAll(() => subject?.stop())

    async function signIn(key: string): Promise<string> {
      const { cookies: set } = await post({ do: 'sign-in', key }, 'nobody')
      return set[0]?.split(';')[0] ?? ''
    }

    async function call(path: string, init: RequestInit, who: Who, more = ''): Promise<Answer> {
      const Cookie = [cookies.get(who), more].filter(Boolean).join('; ')
      const response = await client.call(path, { ...init, headers: { ...init.headers, Cookie } })
      const text = await response.text()
      const location = response.headers.get('Location')
      return { status: response.status, location, text, cookies: response.headers.getSetCookie() }
    }

    function post(form: Form, who: Who = 'an admin', headers: Json = {}): Promise<Answer> {
      const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
      const body = String(new URLSearchParams(form))
      return call('/', { method: 'POST', headers: { ...type, ...headers } as HeadersInit, body }, who)
    }

    const get = (search: string, who: Who = 'an admin', more = ''): Promise<Answer> =>
      call(`/${search}`, {}, who, more)
    const chapter = (of: string, which: string): Promise<Answer> => get(`?site=${of}&manage=${which}`)

    /** Sends a form, and follows to the page that tells what was done. */
    async function done(form: Form): Promise<Answer> {
      const { status, location, cookies: set, text } = await post(form)
      expect([status, status === 303 || text]).toEqual([303, true])
      const page = await get(location?.slice(1) ?? '', 'an admin', set[0]?.split(';')[0])
      expect(page.status).toBe(200)
      return page
    }

    async function definitionOf(of: string): Promise<Json> {
      const init = { headers: client.as(subject.adminKey) }
      return (await (await client.call(`/api/collections/${of}`, init)).json()) as Json
    }

    const chapters = ['settings', 'keys', 'snippet', 'annotations', 'refused', 'erase', 'delete']
    const forms: Readonly<Record<string, Json>> = {
      create: { name: 'made-by-nobody', timezone: 'UTC' },
      settings: { timezone: 'UTC' },
      'add-key': { kind: 'server' },
      'revoke-key': { id: 'x' },
      annotate: { date: '2026-01-01', text: 'x' },
      unannotate: { id: 'x' },
      erase: { f: 'country:DE' },
      restore: { code: 'bot' },
      delete: { typed: 'x' },
    }

    test.each(['new', ...chapters])('the page "%s" is for admins', async (which) => {
      const search = which === 'new' ? '?manage=new' : `?site=${site.name}&manage=${which}`
      const [nobody, reader, stranger, admin] = await Promise.all(
        (['nobody', 'its reader', "another's reader", 'an admin'] as const).map((who) => get(search, who)),
      )
      expect([nobody?.status, reader?.status, stranger?.status, admin?.status]).toEqual([200, 403, 403, 200])
      expect(nobody?.text).toContain('type="password"')
      for (const one of [nobody, reader, stranger]) expect(one?.text).not.toContain(site.write)
    })

    test.each(Object.keys(forms))('the form "%s" is for admins, and for pages of ours', async (what) => {
      const before = JSON.stringify(await definitionOf(site.name))
      const form = { do: what, site: site.name, manage: 'settings', ...forms[what] } as Record<string, string>
      for (const [who, status] of [
        ['nobody', 401],
        ['its reader', 403],
        ["another's reader", 403],
      ] as const)
        expect([who, (await post(form, who)).status]).toEqual([who, status])
      for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'https://evil.example' }])
        expect((await post(form, 'an admin', headers)).status).toBe(403)
      expect(JSON.stringify(await definitionOf(site.name))).toBe(before)
      expect((await get('?site=made-by-nobody')).status).toBe(404)
      expect(await client.count(site)).toBe(5)
    })

    test.each(['save-view', 'drop-view'])('the form "%s" is for whoever may look', async (what) => {
      const form = { do: what, site: site.name, period: '7d', name: 'a week' }
      const statuses = async (who: Who): Promise<number> => (await post(form, who)).status
      expect(await statuses('nobody')).toBe(401)
      expect(await statuses("another's reader")).toBe(403)
      expect(await statuses('its reader')).toBe(303)
      expect(await statuses('an admin')).toBe(303)
    })

    test.each(Object.keys(forms).filter((what) => what !== 'create'))(
      'the form "%s" of a collection that is not there is answered in words',
      async (what) => {
        const answer = await post({ do: what, site: 'not-there', ...forms[what] } as Record<string, string>)
        expect([answer.status, answer.text.includes('<!doctype html>')]).toEqual([404, true])
      },
    )

    test('a collection is made, shows its snippet, and the snippet works', async () => {
      const made = freshName('made')
      const page = await done({
        ...pairs(formIn((await get('?manage=new')).text, { do: 'create' })),
        name: made,
      })
      expect(await definitionOf(made)).toMatchObject({ name: made, timezone: 'UTC', groupBy: ['page'] })
      const text = plainText(page.text)
      const [, address = ''] = /curl -i '[^']*?(\/[^/']*\?key=[^']+)'/.exec(text) ?? []
      expect(text).toContain(`/s.js" data-collection="${made}" data-key="skw_`)
      const agent = { 'User-Agent': /-A '([^']*)'/.exec(text)?.[1] ?? '' }
      const sent = await client.call(address, { method: 'POST', headers: agent, body: '{"page": "/hello"}' })
      expect(sent.status).toBe(201)
      expect((await get(`?site=${made}`)).text).toContain('class="panels"')
    })

    test('a name that is taken or cannot be, or no time zone: told at its field, and nothing changes', async () => {
      await client.put(other.name, { retention: 77 })
      for (const [name, timezone, status, field] of [
        [other.name, 'UTC', 409, 'name'],
        ['No Name!', 'UTC', 422, 'name'],
        ['api', 'UTC', 422, 'name'],
        [freshName('made'), 'Mars/Olympus', 422, 'timezone'],
      ] as const) {
        const answer = await post({ do: 'create', name, timezone })
        expect([name, answer.status]).toEqual([name, status])
        expect(answer.text).toContain(`id="${field}-fault"`)
        const typed = formIn(answer.text, { do: 'create' })
        expect([typed.get('name'), typed.get('timezone')]).toEqual([name, timezone])
      }
      expect(await definitionOf(other.name)).toMatchObject({ retention: 77 })
    })

    const rich: Json = {
      ...{
        timezone: 'Europe/Berlin',
        retention: 400,
        attributes: ['plan', 'size'],
        groupBy: ['page', 'plan'],
      },
      ...{ origins: ['https://a.example', 'https://*.b.example'], embed: ['https://c.example', 'null'] },
      ...{ query: ['id', 'q r'], privacy: { gpc: 'drop', dnt: 'anonymous' } },
      policies: { bots: 'all', dialects: false },
      goals: [
        { name: 'Paid', event: 'paid' },
        { name: 'Read', page: '/blog/*' },
      ],
    }
    const hostile: Json = {
      query: hostileTexts.filter((text) => text.length < 256).slice(0, 99),
      goals: [' a\nb ', '"quoted"', '\u0000\ud800', '\\', '<textarea>', '\r\n', '\n x'].map((text) => ({
        name: text,
        event: text,
      })),
    }

    test.each([
      ['every setting', rich],
      ['hostile texts', hostile],
      ['nothing', {}],
    ])('saving %s as it was changes nothing', async (_, definition) => {
      const own = await client.makeSite(definition)
      const before = await definitionOf(own.name)
      const page = await done(formIn((await chapter(own.name, 'settings')).text, { do: 'settings' }))
      expect(page.text).toContain('role="status"')
      expect(await definitionOf(own.name)).toEqual(before)
    })

    test('what is saved is what the API says, and the other way round', async () => {
      const own = await client.makeSite()
      const form = formIn((await chapter(own.name, 'settings')).text, { do: 'settings' })
      for (const [name, value] of Object.entries({
        ...{
          timezone: 'Europe/Berlin',
          retention: ' 400 ',
          attributes: 'plan\r\n\r\n size ',
          groupBy: 'page\nplan',
        },
        ...{
          origins: 'https://a.example\nhttps://*.b.example',
          embed: 'https://c.example\nnull',
          query: 'id\nq r',
        },
        ...{ gpc: 'drop', dnt: 'anonymous', bots: 'all' },
      }))
        form.set(name, value)
      for (const name of ['dialects', 'goalName', 'goalKind', 'goalMatch']) form.delete(name)
      for (const [goal, kind, match] of [
        ['Paid', 'event', 'paid'],
        ['', 'event', 'left over'],
        ['Read', 'page', '/blog/*'],
      ] as const) {
        form.append('goalName', goal)
        form.append('goalKind', kind)
        form.append('goalMatch', match)
      }
      await done(form)
      expect(await definitionOf(own.name)).toEqual({ ...rich, name: own.name, aliases: [] })
    })

    test.each([
      ['origins', { origins: 'https://a.example\nhttps://a.example/path' }],
      ['attributes', { attributes: 'no spaces' }],
      ['groupBy', { groupBy: 'unheard' }],
      ['aliases', { aliases: 'a'.repeat(256) }],
      ['query', { query: Array.from({ length: 101 }, (_, i) => `q${i}`).join('\n') }],
      ['retention', { retention: 'long' }],
      ['retention', { retention: '0' }],
      ['timezone', { timezone: 'Europe/<Atlantis>' }],
      ['goals', { goalName: 'Nothing', goalMatch: '' }],
      ['embed', { embed: '<script>' }],
    ])(
      '%s that cannot be are told at their field, what was typed stays, and nothing changes',
      async (field, typed) => {
        const own = await client.makeSite(rich)
        const before = await definitionOf(own.name)
        const form = formIn((await chapter(own.name, 'settings')).text, { do: 'settings' })
        form.set('bots', 'off')
        for (const [name, value] of Object.entries(typed)) form.set(name, value)
        const answer = await post(form)
        expect(answer.status).toBe(422)
        expect(answer.text).toContain(`id="${field}-fault"`)
        expect(answer.text).toContain('aria-invalid="true"')
        const again = formIn(answer.text, { do: 'settings' })
        for (const [name, value] of Object.entries({ ...typed, bots: 'off' }))
          expect(again.get(name)?.replaceAll('\r', '')).toBe(value)
        expect(await definitionOf(own.name)).toEqual(before)
      },
    )

    test('choices that no form offers are refused', async () => {
      const own = await client.makeSite()
      for (const [name, value] of [
        ['gpc', 'maybe'],
        ['bots', ''],
        ['goalKind', 'wish'],
      ] as const) {
        const form = formIn((await chapter(own.name, 'settings')).text, { do: 'settings' })
        form.set('goalName', 'Goal')
        form.set('goalMatch', 'x')
        form.set(name, value)
        expect([name, (await post(form)).status]).toEqual([name, 422])
      }
    })

    test('the time zone of a collection that holds events stays, and so does an alias its owner', async () => {
      await client.put(other.name, { aliases: [`${other.name}.example`] })
      const form = formIn((await chapter(site.name, 'settings')).text, { do: 'settings' })
      const zone = new URLSearchParams(form)
      zone.set('timezone', 'Asia/Tokyo')
      const answer = await post(zone)
      expect([answer.status, answer.text.includes('id="timezone-fault"')]).toEqual([409, true])
      expect(answer.text).toContain('The time zone of a collection that holds events cannot be changed.')
      form.set('aliases', `${other.name}.example`)
      const taken = await post(form)
      expect([taken.status, taken.text.includes('id="aliases-fault"')]).toEqual([409, true])
      expect(await definitionOf(site.name)).toMatchObject({ timezone: 'UTC', aliases: [] })
    })

    test('to keep fewer days must be said twice, where there is something to lose', async () => {
      const own = await client.makeSite()
      await client.deliver(own, [
        { page: '/old', time: new Date(Date.now() - 90 * 86_400_000).toISOString() },
      ])
      const form = formIn((await chapter(own.name, 'settings')).text, { do: 'settings' })
      form.set('retention', '30')
      const asked = await post(form)
      expect([asked.status, asked.text.includes('would be deleted for good')]).toEqual([409, true])
      expect(await definitionOf(own.name)).toMatchObject({ retention: null })
      const again = formIn(asked.text, { do: 'settings' })
      again.set('shorten', '300')
      expect((await post(again)).status).toBe(409)
      again.set('shorten', '30')
      await done(again)
      expect(await definitionOf(own.name)).toMatchObject({ retention: 30 })
    })

    test('who saves over a change that he did not see is told so first', async () => {
      const own = await client.makeSite()
      const form = formIn((await chapter(own.name, 'settings')).text, { do: 'settings' })
      await client.put(own.name, { retention: 30 })
      form.set('query', 'mine')
      const answer = await post(form)
      expect([answer.status, answer.text.includes('have changed meanwhile')]).toEqual([409, true])
      expect(await definitionOf(own.name)).toMatchObject({ retention: 30, query: [] })
      await done(formIn(answer.text, { do: 'settings' }))
      expect(await definitionOf(own.name)).toMatchObject({ retention: null, query: ['mine'] })
    })

    test.each(['write', 'read', 'server'])(
      'a %s key is made, shown once, works, and is revoked',
      async (kind) => {
        const own = await client.makeSite()
        const form = { do: 'add-key', site: own.name, manage: 'keys', kind }
        const page = await done(form)
        const key = /<code>(sk[wrs]_[\w-]+)<\/code>/.exec(page.text)?.[1] ?? ''
        expect(page.cookies[0]).toMatch(/skerry-news=;.*Max-Age=0/)
        const again = (await chapter(own.name, 'keys')).text
        expect(again.includes(key)).toBe(kind === 'write')
        const asked = kind === 'read' ? `/${own.name}/count` : `/${own.name}`
        const init = kind === 'read' ? {} : { method: 'POST', body: '{"page": "/x"}' }
        const use = async (): Promise<number> =>
          (await client.call(asked, { ...init, headers: client.as(key) })).status
        expect(await use()).toBeLessThan(300)
        const { keys } = (await (
          await client.call(`/api/collections/${own.name}/keys`, { headers: client.as(subject.adminKey) })
        ).json()) as { keys: readonly { id: string; kind: string; created: string }[] }
        const id =
          keys.filter((one) => one.kind === kind).toSorted((a, b) => (a.created < b.created ? 1 : -1))[0]
            ?.id ?? ''
        const confirm = (await get(`?site=${own.name}&manage=keys&id=${id}`)).text
        await done(formIn(confirm, { do: 'revoke-key', id }))
        await expect.poll(use, { timeout: 65_000, interval: 500 }).toBe(401)
        expect((await post({ do: 'revoke-key', site: own.name, id })).status).toBe(404)
      },
      70_000,
    )

    test('no admin key is made by a form', async () => {
      const form = { do: 'add-key', site: site.name, manage: 'keys', kind: 'admin' }
      expect((await post(form)).status).toBe(422)
    })

    test('an annotation stands in the chart and its table, once however often it is sent, and goes', async () => {
      const date = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10)
      const text = '<b>Launch</b> & "more"'
      const form = { do: 'annotate', site: site.name, manage: 'annotations', date, text }
      await done(form)
      await done(form)
      const report = (await get(`?site=${site.name}&period=30d`)).text
      expect(plainText(report).split(text)).toHaveLength(4)
      expect(report).toMatch(/<circle class="mark"/)
      expect(report).not.toContain('<b>Launch')
      expect(plainText((await get(`?site=${site.name}&period=30d`, 'its reader')).text)).toContain(text)
      const list = (await chapter(site.name, 'annotations')).text
      await done(formIn(list, { do: 'unannotate' }))
      expect(plainText((await get(`?site=${site.name}&period=30d`)).text)).not.toContain(text)
    })

    test.each([
      ['2026-02-31', 'x', 'date'],
      ['yesterday', 'x', 'date'],
      ['2026-01-01T00:00:00Z', 'x', 'date'],
      ['2026-01-01', ' \u0000 ', 'text'],
      ['2026-01-01', 'a'.repeat(annotationLimits.text + 1), 'text'],
    ])('%s with "%s" is no annotation', async (date, text, field) => {
      const answer = await post({ do: 'annotate', site: site.name, manage: 'annotations', date, text })
      expect([answer.status, answer.text.includes(`id="${field}-fault"`)]).toEqual([422, true])
      expect((await chapter(site.name, 'annotations')).text).toContain('There is no annotation.')
    })

    test('erasing says how many, erases these, and no others', async () => {
      const own = await client.makeSite()
      await client.deliver(own, days(20))
      const start = (await chapter(own.name, 'erase')).text
      expect(start).not.toContain('class="danger"')
      const [from, to] = [-9, -3].map((by) => new Date(Date.now() + by * DAY_MS).toISOString().slice(0, 10))
      const asked = await get(`?site=${own.name}&manage=erase&from=${from}&to=${to}&f=country:DE`)
      expect(asked.location).toContain('manage=erase')
      const page = (await get(asked.location?.slice(1) ?? '')).text
      const [, told = ''] = /Erase (\d+) events/.exec(page) ?? []
      expect(Number(told)).toBeGreaterThan(0)
      expect(await client.count(own)).toBe(20)
      const news = await done(formIn(page, { do: 'erase' }))
      expect(news.text).toContain(`Events erased: ${told}.`)
      const left = await client.rows(own)
      expect(left).toHaveLength(20 - Number(told))
      expect(
        left.filter(
          ({ time, country }) => country === 'DE' && String(time) >= `${from}` && String(time) < `${to}T99`,
        ),
      ).toEqual([])
      const nothing = (await get(`?site=${own.name}&manage=erase&period=${from}_${to}&f=country:DE`)).text
      expect(nothing).not.toContain('class="danger"')
    })

    test('filters alone erase of all times', async () => {
      const own = await client.makeSite()
      await client.deliver(own, days(90))
      const page = (await get(`?site=${own.name}&manage=erase&period=all&f=country:FR`)).text
      const [, told = ''] = /Erase (\d+) events/.exec(page) ?? []
      await done(formIn(page, { do: 'erase' }))
      expect(await client.count(own)).toBe(90 - Number(told))
      expect(Number(told)).toBe(30)
    })

    test.each([{}, { period: 'all' }, { f: 'nowhere:x' }, { period: 'never' }])(
      'erasing by %o erases nothing',
      async (said) => {
        const answer = await post({ do: 'erase', site: site.name, manage: 'erase', ...said } as Form)
        expect([answer.status, answer.text.includes('<!doctype html>')]).toEqual([422, true])
        expect(await client.count(site)).toBe(5)
      },
    )

    test('what was refused is shown with its reasons, and counts after all: one event, or all of a reason', async () => {
      const own = await client.makeSite()
      for (let i = 0; i < 4; i++) {
        const headers = { 'User-Agent': 'Googlebot/2.1' }
        const body = JSON.stringify({ page: `/<i>${i}`, id: `bot/${i} &` })
        expect(
          (await client.call(`/${own.name}?key=${own.write}`, { method: 'POST', headers, body })).status,
        ).toBe(202)
      }
      const list = (await chapter(own.name, 'refused')).text
      expect(list).toContain('Googlebot')
      expect(list).not.toContain('<i>')
      const [, one = ''] = /href="\/(\?[^"]*&amp;id=[^"]*)"/.exec(list) ?? []
      const single = (await get(plainText(one))).text
      expect((await done(formIn(single, { do: 'restore' }))).text).toContain('Events that count now: 1.')
      expect(await client.count(own)).toBe(1)
      const all = (await get(`?site=${own.name}&manage=refused&code=bot`)).text
      const form = formIn(all, { do: 'restore', code: 'bot' })
      expect((await done(form)).text).toContain('Events that count now: 3.')
      expect((await done(form)).text).toContain('Events that count now: 0.')
      expect(await client.count(own)).toBe(4)
      expect((await post({ do: 'restore', site: own.name, code: 'luck' })).status).toBe(422)
    })

    test('a view is saved under its name, replaced under the same, listed for all readers, and goes', async () => {
      const save = { do: 'save-view', site: site.name, period: '7d', f: 'country:DE', name: '<i>Ours' }
      const { location } = await post(save, 'its reader')
      expect(location).toBe(`/?site=${site.name}&period=7d&f=country%3ADE`)
      const linkIn = (text: string): string | undefined =>
        /<a href="([^"]*)"[^>]*>&lt;i&gt;Ours<\/a>/.exec(text)?.[1]
      const found = linkIn((await get(`?site=${site.name}`)).text)
      expect(plainText(found ?? '')).toBe(location)
      await post({ ...save, period: '30d' })
      const page = (await get(`?site=${site.name}`, 'its reader')).text
      expect(plainText(linkIn(page) ?? '')).toContain('period=30d')
      expect((await get(plainText(linkIn(page) ?? '').slice(1))).text).toContain('Country is Germany')
      expect(linkIn((await get(`?site=${other.name}`)).text)).toBeUndefined()
      await post(formIn(page, { do: 'drop-view', name: '<i>Ours' }), 'its reader')
      expect(linkIn((await get(`?site=${site.name}`)).text)).toBeUndefined()
    })

    test('guests of a link see neither annotations nor saved views', async () => {
      const own = await client.makeSite()
      await client.deliver(own, days(5))
      const date = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10)
      await done({ do: 'annotate', site: own.name, manage: 'annotations', date, text: 'Among us' })
      await post({ do: 'save-view', site: own.name, name: 'Ours alone' })
      const made = await post({ do: 'add-link', site: own.name })
      const [, link = ''] = /<code>[^<]*?\/(\?view=[^<]*)<\/code>/.exec(made.text) ?? []
      const [ours, theirs] = [
        await get(`?site=${own.name}&period=7d`),
        await get(`${link}&period=7d`, 'nobody'),
      ]
      for (const { text } of [ours, theirs]) expect(text).toContain('class="panels"')
      for (const text of ['Among us', 'class="mark"', 'Ours alone', 'Saved views', 'Manage'])
        expect([text, ours.text.includes(text), theirs.text.includes(text)]).toEqual([text, true, false])
      for (const chapter of chapters) {
        const managed = await get(`${link}&manage=${chapter}`, 'nobody')
        expect([chapter, managed.status, managed.text.includes(own.write)]).toEqual([chapter, 403, false])
      }
    })

    test('a view has a name, and a bounded address; there are at most so many', async () => {
      const save = { do: 'save-view', site: other.name, period: '7d' }
      const status = async (form: Form): Promise<number> => (await post(form)).status
      expect(await status({ ...save, name: ' ' })).toBe(422)
      expect(await status({ ...save, name: 'a'.repeat(savedViewLimits.name + 1) })).toBe(422)
      expect(await status({ ...save, name: 'long', prop: 'a'.repeat(2048), q: 'é'.repeat(1000) })).toBe(413)
      for (let i = 0; i < savedViewLimits.most; i++)
        expect(await status({ ...save, name: `view ${i}` })).toBe(303)
      expect(await status({ ...save, name: 'one more' })).toBe(413)
      expect(await status({ ...save, name: 'view 0', period: '30d' })).toBe(303)
    }, 60_000)

    test('a collection goes when its name was typed, with all that was beside it', async () => {
      const own = await client.makeSite()
      await client.deliver(own, days(3))
      await done({ do: 'annotate', site: own.name, manage: 'annotations', date: '2026-01-01', text: 'Gone' })
      await post({ do: 'save-view', site: own.name, name: 'Gone' })
      const form = formIn((await chapter(own.name, 'delete')).text, { do: 'delete' })
      for (const typed of ['', 'x', own.name.toUpperCase(), `${own.name}x`]) {
        form.set('typed', typed)
        const answer = await post(form)
        expect([answer.status, answer.text.includes('id="typed-fault"')]).toEqual([422, true])
      }
      expect(await client.count(own)).toBe(3)
      form.set('typed', own.name)
      expect((await done(form)).text).toContain(`The collection ${own.name} is deleted.`)
      expect((await get(`?site=${own.name}`)).status).toBe(404)
      await done({ do: 'create', name: own.name, timezone: 'UTC' })
      expect((await chapter(own.name, 'annotations')).text).not.toContain('Gone')
      const server = await done({ do: 'add-key', site: own.name, manage: 'keys', kind: 'server' })
      const key = /<code>(sks_[\w-]+)<\/code>/.exec(server.text)?.[1] ?? ''
      await client.deliver({ ...own, server: key }, days(1))
      expect((await get(`?site=${own.name}`)).text).not.toContain('Gone')
    })

    test('it speaks German, faults too', async () => {
      const german = { 'Accept-Language': 'de' }
      const page = await call(`/?site=${site.name}&manage=settings`, { headers: german }, 'an admin')
      expect(page.text).toContain('Einstellungen')
      const form = { do: 'create', name: 'No', timezone: 'Nowhere' }
      const answer = await post(form, 'an admin', german)
      expect(answer.text).toContain('muss 1 bis 63 aus')
    })
  })
}

function pairs(form: URLSearchParams): Record<string, string> {
  return Object.fromEntries(form)
}

/** An event a day, up to yesterday; every third of France, the others of Germany. */
function days(count: number): readonly Json[] {
  return Array.from({ length: count }, (_, i) => ({
    time: new Date(Date.now() - (i + 1) * DAY_MS).toISOString(),
    page: `/${i % 4}`,
    country: i % 3 === 2 ? 'FR' : 'DE',
  }))
}
