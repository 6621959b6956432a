import { bodyLimits, bodyText, readBody } from '../body.ts'
import type { Layer, SkerryContext } from '../context.ts'
import { cookie, readCookie } from '../dashboard/cookies.ts'
import { signInPage } from '../dashboard/other-pages.ts'
import { themes } from '../dashboard/scene.ts'
import { hrefOf, readView, viewOf } from '../dashboard/view.ts'
import { languageNames } from '../dashboard/words.ts'
import { SkerryError } from '../errors.ts'
import { PRIVATE } from '../headers.ts'
import { empty, type Reply } from '../reply.ts'
import { sessionLimits } from '../session.ts'
import { isDeed, performDeed } from './dashboard-deeds.ts'
import { openLink } from './dashboard-guest.ts'
import { type DashboardOptions, fault, mayLook, page, sceneOf, signedIn, sourceOf } from './dashboard-page.ts'

const DAY_SECONDS = 86_400
const LOOK_SECONDS = 365 * DAY_SECONDS

/** What forms of the pages say: who signs in and out, how pages look, what is managed. Forms of other sites are refused. */
export function act(options: DashboardOptions): Layer {
  return async function act(c): Promise<Reply> {
    refuseOthers(c)
    const form = new URLSearchParams(bodyText(await readBody(c.req, bodyLimits.document)))
    const deed = form.get('do') ?? ''
    if (deed === 'sign-in') return signIn(c, options, form)
    if (deed === 'sign-out') return signOut(c, options)
    if (isDeed(deed)) return manageBy(c, options, form)
    if (deed === 'open-link') return openLink(c, options, form)
    return choose(c, form)
  }
}

/** How pages are to look. */
function choose(c: SkerryContext, form: URLSearchParams): Reply {
  const theme = themes.find((one) => one === form.get('theme')) ?? 'system'
  const language = [...languageNames.keys()].find((one) => one === form.get('language')) ?? ''
  const text = `${theme}.${language}.${form.has('keys') ? 'on' : 'off'}`
  const look = cookie(sourceOf(c), 'look', text, LOOK_SECONDS)
  return empty(303, { ...PRIVATE, Location: placeOf(form.get('back')), 'Set-Cookie': look })
}

async function signOut(c: SkerryContext, { sessions }: DashboardOptions): Promise<Reply> {
  const source = sourceOf(c)
  await sessions.end(readCookie(source, 'session') ?? '')
  return empty(303, { ...PRIVATE, Location: '/', 'Set-Cookie': cookie(source, 'session', '', 0) })
}

/** What is managed is for who is signed in; an address in the form says where. */
async function manageBy(c: SkerryContext, options: DashboardOptions, form: URLSearchParams): Promise<Reply> {
  const principal = await signedIn(c, options.sessions)
  const scene = await sceneOf(c, options, principal)
  if (!principal) return { ...(await page(c, options, signInPage(scene))), status: 401 }
  try {
    const view = { ...readView(form), link: undefined }
    const shown = { ...scene, view, here: hrefOf(view).slice(1) }
    return await performDeed(form.get('do') ?? '', { c, options, form, scene: shown })
  } catch (error) {
    return fault(c, options, scene, error)
  }
}

async function signIn(c: SkerryContext, options: DashboardOptions, form: URLSearchParams): Promise<Reply> {
  const key = form.get('key')?.trim() ?? ''
  const location = placeOf(form.get('back'))
  const principal = key === '' ? undefined : await options.registry.identify(key)
  if (principal && mayLook(principal)) {
    const token = await options.sessions.begin(key)
    const session = cookie(sourceOf(c), 'session', token, sessionLimits.days * DAY_SECONDS)
    return empty(303, { ...PRIVATE, Location: location, 'Set-Cookie': session })
  }
  const scene = await sceneOf(c, options, undefined)
  const shown = { ...scene, here: location.slice(1) }
  const reply = await page(c, options, signInPage(shown, principal ? 'keyOfOtherKind' : 'wrongKey'))
  return { ...reply, status: principal ? 403 : 401 }
}

/** Where a form wants to go on: a page of ours, by what its address says, whatever else was sent. */
function placeOf(back: string | null): string {
  const params = new URLSearchParams(back ?? '')
  try {
    const href = hrefOf(readView(params))
    return href === hrefOf(viewOf(undefined)) ? '/' : href
  } catch {
    return '/'
  }
}

/** Throws `forbidden` where a page of another site sent it. Browsers say whose it is; what says nothing is no browser. */
function refuseOthers({ req }: SkerryContext): void {
  const site = req.header('sec-fetch-site')
  const origin = req.header('origin')
  const isOwn =
    site === undefined
      ? origin === undefined || hostOf(origin) === new URL(req.url).host
      : site === 'same-origin' || site === 'none'
  if (!isOwn) throw new SkerryError('forbidden', { detail: 'This form belongs to another site.' })
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
