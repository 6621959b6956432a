import type { Fields, Skerry } from './event.ts'
import type { Options } from './options.ts'
import type { Advance, Arrival, Moment, Part, Visitor } from './platform.ts'

export type { Fields, Options, Skerry }

/** At any of these the clock, the address and the scroll are looked at; those with a button or a form are events by themselves. */
const MOMENTS = 'auxclick click submit scroll blur focus pageshow prerenderingchange visibilitychange'

/** Where no Navigation API tells that the address has changed, ms. */
const LOOK_MS = 500

/** Who has looked no longer has not read, ms: browsers tell of one change of view by several events. */
const GLANCE_MS = 99

/**
 * Counts the page, and what takes its place in it, from now on; `window.skerry` counts what the site itself has to
 * tell. Whoever calls it again counts nothing twice. Its size is a budget (test/tracker.test.ts).
 */
export function track(options: Options): void {
  const early = self.skerry
  if (early && !early.q) return
  const url = new URL(
    options.collection + '?key=' + options.key,
    options.url || (document.currentScript as HTMLScriptElement).src,
  )
  let queue: object[] = []
  /** The page that is shown; undefined until somebody sees it. */
  let page: string | undefined
  /** Since when somebody has been reading, ms since 1970; 0 or false: nobody is. */
  let since: number | false = 0
  /** Engaged time that was not told yet, ms. */
  let ms = 0
  /** The greatest scroll depth that was not told yet, in percent. */
  let depth = 0

  const add = (fields: Fields): void => {
    // Two numbers, since browsers begin their random ones with as little as 32 bits.
    queue.push({ id: Math.random() + '' + Date.now(), page: page || location.href, ...fields })
    setTimeout(flush)
  }

  const flush = (): void => {
    if (page && queue[0]) {
      const body = JSON.stringify(queue)
      queue = []
      try {
        if (
          (navigator.webdriver && !options.webdriver) ||
          ((navigator as Visitor).globalPrivacyControl && !options.gpc) ||
          (!options.local && !/\.\D/.test(location.host)) ||
          localStorage.skerry
        )
          return
      } catch {}
      fetch(url, { method: 'POST', body, keepalive: true })
        .catch((error) => error)
        .then(
          (reply) =>
            reply.ok ||
            import(/* @vite-ignore */ /* webpackIgnore: true */ new URL('outbox.js', url) as never).then(
              (part: Part) => part.default(url, body, reply),
            ),
        )
        .catch((error) => error)
    }
  }

  const look = (moment: Moment): void => {
    const href = location.href.replace(options.hash || /#.*/, '')
    const now = Date.now()
    // Prerendered pages are shown a moment before their requests cease to be marked as made in advance.
    const hidden = (document as Advance).prerendering || document.hidden
    ms += (since && now - since) as number
    depth = Math.min(
      100,
      Math.max(depth, ((scrollY + innerHeight) * 100) / document.documentElement.scrollHeight),
    )
    if (page !== href || hidden || moment.persisted) {
      if (ms > GLANCE_MS) add({ name: 'engagement', ms, depth })
      ms = depth = 0
      hidden ? flush() : add({ referrer: page || document.referrer, page: (page = href) })
    }
    // Seen, and with the focus.
    since = hidden < document.hasFocus() && now
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
            : element.host && element.host !== location.host && 'outbound')
      if (name) add({ name, props })
    }
  }

  MOMENTS.split(' ').map((moment) => addEventListener(moment, look as never, 1 as never))
  self.navigation ? navigation.addEventListener('currententrychange', look) : setInterval(look, LOOK_MS, {})
  look({})
  // The first entry is the page's own navigation.
  if ((performance.getEntries()[0] as Arrival)?.responseStatus > 399) add({ name: '404' })
  early?.q.map(add)
  self.skerry = ((name, props, revenue, fields) => add({ name, props, revenue, ...fields })) as Skerry
}
