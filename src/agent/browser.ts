import type { AgentFacts } from './agent.ts'
import { shortVersion, shownVersion } from './version.ts'

interface Browser {
  readonly name?: string
  readonly rank: number
}

interface Candidate extends Browser {
  readonly token?: string
  readonly version?: string | undefined
}

/**
 * Browsers in four ranks, each with the product tokens that name it beside its own name in lower case without
 * spaces: what any WebKit says, the great browsers that others imitate, those others, and what is stronger
 * than these: apps that show pages. The highest rank names the browser, of equals the last token. A page in
 * an app that does not name itself therefore counts under the browser whose engine shows it.
 */
const ranks = [
  `Firefox gecko
Safari applewebkit`,
  `Chrome crios crmo chromium googlechrome headlesschrome androidwebview
Firefox fxios
Internet_Explorer msie trident iemobile`,
  `Microsoft_Edge edge edg edga edgios edgw
Opera opr opt opx opios coast omi mini operamobile
Samsung_Browser samsunginternet
Yandex_Browser yabrowser yasearchbrowser yandex
UC_Browser ucweb ubrowser
QQ_Browser mqqbrowser
Huawei_Browser
Mi_Browser miuibrowser
vivo_Browser
HeyTap_Browser
Amazon_Silk silk
Whale_Browser whale
Vivaldi
Brave bravebrowser
DuckDuckGo ddg
Ecosia
Maxthon
Quark
Pale_Moon
SeaMonkey`,
  `Oculus_Browser
Facebook fban fbav fb_iab metaiab
Instagram
Threads barcelona
TikTok bytedancewebview bytelocale
Snapchat
Pinterest
LinkedIn linkedinapp
Twitter
WeChat micromessenger
QQ
Line
KakaoTalk
Naver
Baidu baiduboxapp bidubrowser
Google_App gsa`,
]

const browsers: ReadonlyMap<string, Browser> = new Map(
  ranks.flatMap((lines, rank) =>
    lines.split('\n').flatMap((line) => {
      const [own = '', ...others] = line.split(' ')
      const name = own.replaceAll('_', ' ')
      return [keyOf(own), ...others].map((token) => [token, { name, rank }] as const)
    }),
  ),
)

/** Products that stand without a slash. */
const WORD =
  /\b(msie|opera|headlesschrome|instagram|barcelona|kakaotalk|metaiab|linkedinapp|twitter|naver|ecosia|brave(?= chrome|$))(?![a-z])(?: (\d{1,6}(?:\.\d{1,6})?))?/g
/** A token, a slash, and a version if one follows. The token's length is bounded, so that time is linear. */
const PRODUCT = /([a-z][\w-]{0,24})\/v?(\d{1,6}(?:\.\d{1,6})?)?/g
/** A brand of `sec-ch-ua` (a structured list of strings with a parameter `v`) and its version. */
const BRAND = /"([a-z][^"]{1,39})"; ?v="(\d{1,6}(?:\.\d{1,6})?)/gi
/** The brand that browsers make up, so that nobody relies on the list's form; spelt in ever new ways. */
const MADE_UP = 'notabrand'

/** The browser of an agent in lower case, and of its brands, which win over what the agent only imitates. */
export function readBrowser(
  ua: string,
  os: string | undefined,
  brands = '',
): Pick<AgentFacts, 'browser' | 'browser_version'> {
  let best: Candidate = { rank: 0 }
  for (const [, token = '', version] of [...ua.matchAll(WORD), ...ua.matchAll(PRODUCT)])
    best = heavier(best, token, version)
  for (const [, brand = '', version] of brands.matchAll(BRAND)) {
    const token = keyOf(brand)
    if (token !== MADE_UP) best = heavier(best, token, version, { name: brand, rank: 2 })
  }
  if (best.rank === 0 && os === 'Android') return { browser: 'Android Browser' }
  const version = versionOf(best, ua)
  return { browser: best.name, browser_version: version && shortVersion(version) }
}

function heavier(best: Candidate, token: string, version?: string, unknown?: Browser): Candidate {
  const browser = browsers.get(token) ?? unknown
  return browser && browser.rank >= best.rank ? { ...browser, token, version } : best
}

/** Internet Explorer tells its true version only by its engine's, which is four less. */
function versionOf({ rank, token, version }: Candidate, ua: string): string | undefined {
  if (rank === 0) return shownVersion(ua)
  if (token === 'opera') return shownVersion(ua) ?? version
  return token === 'trident' && version ? `${Number.parseInt(version, 10) + 4}` : version
}

function keyOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z\d]/g, '')
}
