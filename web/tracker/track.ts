import type { Fields, Skerry } from './event.ts'
import type { Options } from './options.ts'
import type { Arrival, Moment, Part } from './platform.ts'

/** At any of these the clock, the address and the scroll are looked at; those with a button or a form are events by themselves. */
const MOMENTS = 'auxclick click submit scroll blur focus pageshow visibilitychange'

/** Where no Navigation API tells that the address has changed, ms. */
const LOOK_MS = 500

/**
 * Counts the page, and what takes its place in it, from now on; `window.skerry` counts what the site itself has
 * to tell. `base` is the address of the script. Its size is a budget (test/tracker.test.ts).
 */
export function track(
  doc: Document,
  place: Location,
  agent: Navigator & { globalPrivacyControl?: boolean },
  options: Options,
): void {
  const url = new URL(
    options.collection + '?key=' + options.key,
    options.url || (doc.currentScript as HTMLScriptElement).src,
  )
  let queue: object[] = []
  /** The page that is shown; undefined until somebody sees it. */
  let page: string | undefined
  /** Since when somebody has been reading, ms since 1970; 0 or undefined: nobody is. */
  let since: number | undefined
  /** Engaged time that was not told yet, ms. */
  let ms = Number.NaN
  /** The greatest scroll depth that was not told yet, in percent. */
  let depth = 0

  const load = (part: string): Promise<Part> => import(new URL(part + '.js', url) as unknown as string)

  const add = (fields: Fields): void => {
    // Two numbers, since browsers begin their random ones with as little as 32 bits.
    queue.push({ id: Math.random() + '' + Date.now(), page, ...fields })
    setTimeout(flush)
  }

  const flush = (): void => {
    if (page && queue[0]) {
      const body = JSON.stringify(queue)
      queue = []
      try {
        if (
          (agent.webdriver && !options.webdriver) ||
          (agent.globalPrivacyControl && !options.gpc) ||
          (!options.local && !/\.\D/.test(place.host)) ||
          localStorage.skerryOff
        )
          return
      } catch {}
      const judge = (reply: { ok?: boolean }): unknown =>
        reply.ok || load('outbox').then((part) => part.default(url, body))
      fetch(url, { method: 'POST', body, keepalive: true }).then(judge, judge)
    }
  }

  const look = (moment: Moment): void => {
    const now = Date.now()
    const href = place.href.replace(options.hash || /#.*/, '')
    ms += (since && now - since) as number
    depth = Math.min(100, Math.max(depth, ((scrollY + innerHeight) * 100) / doc.documentElement.scrollHeight))
    if (doc.hidden || page !== href || moment.persisted) {
      if (ms) add({ name: 'engagement', ms, depth })
      ms = depth = 0
      doc.hidden ? flush() : add({ referrer: page || doc.referrer, page: (page = href) })
    }
    since = (doc.hasFocus() && now) as number
    const isForm = moment.type === 'submit'
    let element: HTMLAnchorElement | null
    if (
      (isForm || (moment.button as number) < 2) &&
      (element = (moment.target as Element).closest(
        isForm ? 'form' : '[data-event]:not(form),a',
      ) as HTMLAnchorElement)
    ) {
      const props: Record<string, string> = {}
      for (const one of element.attributes) props[one.name.split('data-event-')[1] || 'target'] = one.value
      props.target = element.host && element.origin + element.pathname
      const name =
        element.dataset.event ||
        (isForm
          ? 'form'
          : /\.(pdf|zip|docx|xlsx)$/.test(element.pathname)
            ? 'download'
            : element.host && element.host !== place.host && 'outbound')
      if (name) add({ name, props })
    }
  }

  for (const moment of MOMENTS.split(' ')) addEventListener(moment, look as never, true)
  self.navigation ? navigation.addEventListener('currententrychange', look) : setInterval(look, LOOK_MS, {})
  look({})
  // The first entry is the page's own navigation.
  if ((performance.getEntries()[0] as Arrival).responseStatus > 399) add({ name: '404', interactive: false })
  self.skerry?.q.map(add)
  self.skerry = ((name, props, revenue, fields) => add({ name, props, revenue, ...fields })) as Skerry
  for (const name in options) if (/^[veo]/.test(name)) load(name)
}
