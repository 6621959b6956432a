import type { SkerryContext } from '../context.ts'
import { cookie, readCookie } from '../dashboard/cookies.ts'
import { openLinkPage } from '../dashboard/links-page.ts'
import { faultPage } from '../dashboard/other-pages.ts'
import { readRowFilter } from '../dashboard/row-filter.ts'
import type { Scene } from '../dashboard/scene.ts'
import { hrefOf, readView, type View, viewOf } from '../dashboard/view.ts'
import { SkerryError } from '../errors.ts'
import type { Guest } from '../guests.ts'
import { PRIVATE } from '../headers.ts'
import { isWellFormedKey } from '../key.ts'
import { empty, type Reply } from '../reply.ts'
import { sessionLimits } from '../session.ts'
import { type DashboardOptions, page, sceneOf, sourceOf } from './dashboard-page.ts'

/** Where a guest goes on from here nobody learns the address; our own forms know their origin. */
const REFERRER = 'strict-origin'

/** Shows a scene to whoever comes by a link; `ref`: its token, or its id where a cookie has the token. */
export async function receive(
  c: SkerryContext,
  options: DashboardOptions,
  ref: string,
  show: (scene: Scene) => Promise<Reply>,
): Promise<Reply> {
  const [guest, scene] = await Promise.all([findGuest(c, options, ref), sceneOf(c, options, undefined)])
  if (!guest) {
    const reply = await page(c, options, faultPage(scene, scene.words('noLink'), scene.words('noLinkNote')))
    return { ...reply, status: 404 }
  }
  const isTold = ref === guest.token
  if (guest.owesPassword) return page(c, options, openLinkPage(scene, ref))
  if (isTold && c.req.header('sec-fetch-dest') === 'document')
    return settle(c, guest, guest.proof, readView(new URL(c.req.url).searchParams))
  const filters = guest.link.filters.flatMap((text) => readRowFilter(text) ?? [])
  const reply = await show({ ...scene, sites: [guest.collection], guest: { link: ref, filters } })
  return { ...reply, headers: { ...reply.headers, ...(await frameHeaders(options, guest, reply)) } }
}

/** Keeps the token in a cookie, and goes on where the address does not have it. */
function settle(c: SkerryContext, { token, link }: Guest, proof: string | undefined, view: View): Reply {
  const value = proof === undefined ? token : `${token}.${proof}`
  const seconds = sessionLimits.days * 86_400
  return empty(303, {
    ...PRIVATE,
    'Referrer-Policy': REFERRER,
    Location: hrefOf({ ...view, link: link.id }),
    'Set-Cookie': cookie(sourceOf(c), `view-${link.id}`, value, seconds, 'Lax'),
  })
}

async function findGuest(
  c: SkerryContext,
  { guests }: DashboardOptions,
  ref: string,
): Promise<Guest | undefined> {
  const cookieOf = (id: string): readonly string[] => (readCookie(sourceOf(c), `view-${id}`) ?? '').split('.')
  if (isWellFormedKey(ref)) {
    const guest = await guests.find(ref)
    const [token, proof] = guest?.owesPassword ? cookieOf(guest.link.id) : []
    return token === ref ? guests.find(ref, proof) : guest
  }
  const [token = '', proof] = cookieOf(ref)
  const guest = token === '' ? undefined : await guests.find(token, proof)
  return guest?.link.id === ref ? guest : undefined
}

/** A page may be framed where its collection says so, unless a password must be given, which a frame could not keep. */
async function frameHeaders(
  { registry }: DashboardOptions,
  { collection, link }: Guest,
  { headers }: Reply,
): Promise<Reply['headers']> {
  const embed = link.password ? [] : ((await registry.recall(collection))?.embed ?? [])
  const parents = embed.filter((origin) => origin !== 'null' && !origin.includes('['))
  const policy = headers['Content-Security-Policy']
  if (policy === undefined || parents.length === 0) return { 'Referrer-Policy': REFERRER }
  return {
    'Referrer-Policy': REFERRER,
    'Content-Security-Policy': policy.replace(
      "frame-ancestors 'none'",
      `frame-ancestors ${parents.join(' ')}`,
    ),
    'Cross-Origin-Resource-Policy': 'cross-origin',
  }
}

/** Takes the password of a link. */
export async function openLink(
  c: SkerryContext,
  options: DashboardOptions,
  form: URLSearchParams,
): Promise<Reply> {
  const ref = form.get('view') ?? ''
  const guest = await findGuest(c, options, ref)
  if (!guest) throw new SkerryError('forbidden')
  const proof = await options.guests.prove(guest, form.get('password') ?? '')
  if (proof !== undefined) return settle(c, guest, proof, viewOf(undefined))
  const reply = await page(
    c,
    options,
    openLinkPage(await sceneOf(c, options, undefined), ref, 'wrongPassword'),
  )
  return { ...reply, status: 401 }
}
