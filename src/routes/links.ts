import { readFilters } from '../asking/query-reader.ts'
import type { SkerryContext } from '../context.ts'
import { linksPage } from '../dashboard/links-page.ts'
import { toQueryFilters, writeRowFilter } from '../dashboard/row-filter.ts'
import { hrefOf, readView, viewOf } from '../dashboard/view.ts'
import { SkerryError } from '../errors.ts'
import { PRIVATE } from '../headers.ts'
import { empty, type Reply } from '../reply.ts'
import { sharedLinkLimits as limits } from '../shared-link.ts'
import { type DashboardOptions, page, sceneOf, signedIn } from './dashboard-page.ts'

/** Makes a link to the dashboard of a collection, or removes one: an admin's forms. */
export async function changeLinks(
  c: SkerryContext,
  options: DashboardOptions,
  form: URLSearchParams,
): Promise<Reply> {
  const principal = await signedIn(c, options.sessions)
  if (principal?.kind !== 'admin') throw new SkerryError('forbidden')
  const site = form.get('site') ?? ''
  if (form.get('do') === 'remove-link') {
    await options.registry.removeKey(site, form.get('id') ?? '')
    return empty(303, { ...PRIVATE, Location: hrefOf({ ...viewOf(site), show: 'links' }) })
  }
  const definition = await options.registry.definition(site)
  if (!definition) throw new SkerryError('unknown_collection')
  const { filters } = readView(form)
  const label = (form.get('label') ?? '').trim().slice(0, limits.label)
  const password = form.get('password') ?? ''
  const view = { ...viewOf(site), show: 'links', filters } as const
  const scene = { ...(await sceneOf(c, options, principal)), view, here: hrefOf(view).slice(1) }
  const links = await options.registry.keys(site)
  const fault = faultOf(password, filters)
  if (fault) return { ...(await page(c, options, linksPage(scene, links, { fault }))), status: 422 }
  readFilters(toQueryFilters(filters), definition)
  const made = await options.guests.invite(site, { label, filters: filters.map(writeRowFilter) }, password)
  const link = `${new URL(c.req.url).origin}/?view=${made.key}`
  const isEmbeddable = password === '' && definition.embed.length > 0
  const reply = await page(
    c,
    options,
    linksPage(scene, await options.registry.keys(site), { link, isEmbeddable }),
  )
  return { ...reply, status: 201 }
}

/** A goal is no part of what is there, and cannot bound it. */
function faultOf(
  password: string,
  filters: readonly { readonly dimension: string }[],
): 'passwordLength' | 'goalFilter' | undefined {
  const { length } = password
  if (length > limits.mostPassword || (length > 0 && length < limits.leastPassword)) return 'passwordLength'
  return filters.some(({ dimension }) => /^(?:event:)?goal$/.test(dimension)) ? 'goalFilter' : undefined
}
