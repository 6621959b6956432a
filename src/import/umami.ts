import { itemOf, type Row, type TableFormat, unreadable, utcOf } from './reading.ts'

/** Kinds of events that Umami numbers: 1 page views, 2 events of a name; others are its own business. */
const KINDS: ReadonlySet<string> = new Set(['1', '2'])

const BROWSERS: Readonly<Record<string, string>> = {
  chrome: 'Chrome',
  'chromium-webview': 'Chrome',
  crios: 'Chrome',
  edge: 'Microsoft Edge',
  'edge-chromium': 'Microsoft Edge',
  'edge-ios': 'Microsoft Edge',
  facebook: 'Facebook',
  firefox: 'Firefox',
  fxios: 'Firefox',
  instagram: 'Instagram',
  ios: 'Safari',
  'ios-webview': 'Safari',
  opera: 'Opera',
  'opera-mini': 'Opera',
  safari: 'Safari',
  samsung: 'Samsung Browser',
  yandexbrowser: 'Yandex Browser',
}

const DEVICES: Readonly<Record<string, string>> = {
  desktop: 'Desktop',
  laptop: 'Desktop',
  mobile: 'Mobile',
  tablet: 'Tablet',
}

/** Events of Umami: the export of its cloud, or its table `website_event` joined with `session`. */
export const umami: TableFormat = {
  name: 'umami',
  meaning: "Umami's website_event as CSV with names, with the columns of session beside them",
  kind: 'table',
  matches: (columns) =>
    ['event_id', 'session_id', 'url_path', 'created_at'].every((name) => columns.has(name)),
  read(row) {
    const time = utcOf(row.created_at)
    if (time === undefined || !row.session_id || !KINDS.has(row.event_type || '1')) return unreadable
    const name = row.event_name
    return itemOf({
      time,
      name: row.event_type === '2' && name ? name : undefined,
      page: `/${(row.url_path ?? '').replace(/^\//, '')}${row.url_query ? `?${row.url_query}` : ''}`,
      hostname: row.hostname,
      title: row.page_title,
      referrer: referrerOf(row),
      language: row.language,
      screen: row.screen,
      ...agentOf(row),
      country: row.country,
      region: row.region || row.subdivision1,
      city: row.city,
      visitor: row.session_id,
      props: row.tag ? { tag: row.tag } : undefined,
    })
  },
}

function referrerOf({ referrer_domain, referrer_path = '' }: Row): string | undefined {
  if (!referrer_domain) return undefined
  return `https://${referrer_domain}/${referrer_path.replace(/^\//, '')}`
}

/** Umami names browsers and devices in codes of its own, and systems with their versions. */
function agentOf({ browser = '', os = '', device = '' }: Row): Readonly<Record<string, string | undefined>> {
  const [, name = os, version] = /^(Windows) (.+)$/.exec(os) ?? []
  const systems: Readonly<Record<string, string>> = {
    'Mac OS': 'Mac',
    'Android OS': 'Android',
    Linux: 'GNU/Linux',
  }
  return {
    browser: BROWSERS[browser] ?? browser,
    os: systems[name] ?? name,
    os_version: version === '10' ? '10/11' : version,
    device: DEVICES[device] ?? device,
  }
}
