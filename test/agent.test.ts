import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AgentFacts, type Hints, readAgent } from '../src/agent.ts'
import { cacheAgents } from '../src/agent-cache.ts'
import { realVisitors, told, uapCases } from './support/agent-sets.ts'

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)'
const LINUX = 'Mozilla/5.0 (X11; Linux x86_64)'
const PIXEL = 'Mozilla/5.0 (Linux; Android 14; Pixel 8)'
const WEBVIEW = `Mozilla/5.0 (Linux; Android 14; SM-S911B Build/UP1A.231005.007; wv) ${WEBKIT} Version/4.0 Chrome/120.0.6099.144 Mobile Safari/537.36`
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)'
const IPAD = 'Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)'

type Row = readonly [agent: string, browser: string, os: string, device: string]

/** Browser and system with their versions, as one reads them. */
function summary({ browser, browser_version, os, os_version, device }: AgentFacts): Omit<Row, 0> {
  const words = (...parts: readonly unknown[]): string => parts.filter(Boolean).join(' ')
  return [words(browser, browser_version), words(os, os_version), device ?? '']
}

const rows: readonly Row[] = [
  [`${WINDOWS} ${WEBKIT} Chrome/156.0.0.0 Safari/537.36`, 'Chrome 156', 'Windows 10/11', 'Desktop'],
  [`${WINDOWS} ${WEBKIT} Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0`, 'Microsoft Edge 120', 'Windows 10/11', 'Desktop'],
  [`${WINDOWS} ${WEBKIT} Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763`, 'Microsoft Edge 18.17763', 'Windows 10/11', 'Desktop'],
  [`${WINDOWS} ${WEBKIT} Chrome/119.0.0.0 Safari/537.36 OPR/105.0.0.0`, 'Opera 105', 'Windows 10/11', 'Desktop'],
  [`${WINDOWS} ${WEBKIT} Chrome/116.0.0.0 YaBrowser/23.9.0.0 Safari/537.36`, 'Yandex Browser 23.9', 'Windows 10/11', 'Desktop'],
  [`${WINDOWS} ${WEBKIT} Chrome/116.0.0.0 Safari/537.36 Vivaldi/6.2`, 'Vivaldi 6.2', 'Windows 10/11', 'Desktop'],
  [`${WINDOWS} ${WEBKIT} Chrome/120.0.0.0 Whale/3.24.223.18 Safari/537.36`, 'Whale Browser 3.24', 'Windows 10/11', 'Desktop'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox 128', 'Windows 10/11', 'Desktop'],
  ['Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko', 'Internet Explorer 11', 'Windows 7', 'Desktop'],
  ['Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; WOW64; Trident/7.0; SLCC2)', 'Internet Explorer 11', 'Windows 7', 'Desktop'],
  ['Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0)', 'Internet Explorer 9', 'Windows 7', 'Desktop'],
  ['Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)', 'Internet Explorer 6', 'Windows', 'Desktop'],
  ['Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18', 'Opera 12.18', 'Windows 7', 'Desktop'],
  [`${MAC} ${WEBKIT} Chrome/156.0.0.0 Safari/537.36`, 'Chrome 156', 'Mac 10.15+', 'Desktop'],
  [`${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Safari/605.1.15`, 'Safari 17.4', 'Mac 10.15+', 'Desktop'],
  [`${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15 Ddg/26.0`, 'DuckDuckGo 26', 'Mac 10.15+', 'Desktop'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox 128', 'Mac 10.15+', 'Desktop'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.1 Safari/605.1.15', 'Safari 14.1', 'Mac 10.14', 'Desktop'],
  [`${LINUX} ${WEBKIT} Chrome/156.0.0.0 Safari/537.36`, 'Chrome 156', 'GNU/Linux', 'Desktop'],
  ['Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox 128', 'GNU/Linux', 'Desktop'],
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/152.0.0.0 Safari/537.36`, 'Chrome 152', 'Chrome OS', 'Desktop'],
  ['Mozilla/5.0 (X11; FreeBSD amd64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox 128', 'FreeBSD', 'Desktop'],

  [`Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/156.0.0.0 Mobile Safari/537.36`, 'Chrome 156', 'Android 10+', 'Mobile'],
  [`Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/156.0.0.0 Safari/537.36`, 'Chrome 156', 'Android 10+', 'Tablet'],
  [`${PIXEL} ${WEBKIT} Chrome/120.0.6099.144 Mobile Safari/537.36`, 'Chrome 120', 'Android 14', 'Mobile'],
  [`${PIXEL} ${WEBKIT} Chrome/119.0.0.0 Mobile Safari/537.36 EdgA/119.0.2151.92`, 'Microsoft Edge 119', 'Android 14', 'Mobile'],
  [`${PIXEL} ${WEBKIT} Chrome/119.0.0.0 Mobile Safari/537.36 OPR/78.0.4093.184`, 'Opera 78', 'Android 14', 'Mobile'],
  [`Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S918B) ${WEBKIT} SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36`, 'Samsung Browser 23', 'Android 13', 'Mobile'],
  [`Mozilla/5.0 (Linux; Android 10; HarmonyOS; ELS-AN00) ${WEBKIT} Chrome/99.0.4844.88 HuaweiBrowser/13.0.3.301 Mobile Safari/537.36`, 'Huawei Browser 13', 'HarmonyOS', 'Mobile'],
  [`Mozilla/5.0 (Linux; U; Android 13; en-gb; M2101K6G Build/TKQ1) ${WEBKIT} Version/4.0 Chrome/112.0.5615.136 Mobile Safari/537.36 XiaoMi/MiuiBrowser/14.4.0-g`, 'Mi Browser 14.4', 'Android 13', 'Mobile'],
  [`Mozilla/5.0 (Linux; U; Android 12; en-US; RMX3231) ${WEBKIT} Version/4.0 Chrome/100.0.4896.58 UCBrowser/13.4.0.1306 Mobile Safari/537.36`, 'UC Browser 13.4', 'Android 12', 'Mobile'],
  [`Mozilla/5.0 (Linux; U; Android 12; zh-cn; V2118A) ${WEBKIT} Version/4.0 Chrome/98.0.4758.102 MQQBrowser/14.2 Mobile Safari/537.36`, 'QQ Browser 14.2', 'Android 12', 'Mobile'],
  [`Mozilla/5.0 (Linux; Android 11; KFTRWI) ${WEBKIT} Silk/112.5.1 like Chrome/112.0.5615.213 Safari/537.36`, 'Amazon Silk 112.5', 'Android 11', 'Tablet'],
  ['Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0', 'Firefox 128', 'Android 14', 'Mobile'],
  ['Mozilla/5.0 (Android 13; Tablet; rv:120.0) Gecko/120.0 Firefox/120.0', 'Firefox 120', 'Android 13', 'Tablet'],
  ['Mozilla/5.0 (Linux; U; Android 4.0.3; de-de; GT-I9100) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30', 'Android Browser', 'Android 4', 'Mobile'],
  ['Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; en) Presto/2.12.423 Version/12.16', 'Opera 36.2', 'Android', 'Mobile'],
  ['Mozilla/5.0 (Mobile; Nokia 8110 4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5', 'Firefox 48', 'KaiOS 2.5', 'Mobile'],
  ['Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15063', 'Microsoft Edge 15.15063', 'Windows Phone 10', 'Mobile'],

  [`${IPHONE} Version/17.4 Mobile/15E148 Safari/604.1`, 'Safari 17.4', 'iOS 17.4', 'Mobile'],
  [`${IPAD} Version/17.4 Mobile/15E148 Safari/604.1`, 'Safari 17.4', 'iPadOS 17.4', 'Tablet'],
  ['Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1', 'Safari 12.1', 'iOS 12.5', 'Tablet'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.6.1 Mobile/15E148 Safari/604.1', 'Safari 26.6', 'iOS 26.6', 'Mobile'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148', 'Safari', 'iOS 18+', 'Mobile'],
  [`${IPHONE} CriOS/120.0.6099.119 Mobile/15E148 Safari/604.1`, 'Chrome 120', 'iOS 17.4', 'Mobile'],
  [`${IPHONE} FxiOS/121.0 Mobile/15E148 Safari/605.1.15`, 'Firefox 121', 'iOS 17.4', 'Mobile'],
  [`${IPHONE} EdgiOS/120.0.2210.116 Version/17.4 Mobile/15E148 Safari/604.1`, 'Microsoft Edge 120', 'iOS 17.4', 'Mobile'],
  [`${IPHONE} Version/17.4 Mobile/15E148 Safari/604.1 OPT/4.3.1`, 'Opera 4.3', 'iOS 17.4', 'Mobile'],
  [`${IPHONE} Version/17.4 Mobile/15E148 Safari/604.1 Brave`, 'Brave', 'iOS 17.4', 'Mobile'],
  [`${IPHONE} GSA/296.0.590048842 Mobile/15E148 Safari/604.1`, 'Google App 296', 'iOS 17.4', 'Mobile'],
  [`${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120 Version/11.1.1 Safari/605.1.15`, 'Chrome 120', 'iPadOS', 'Tablet'],

  [WEBVIEW, 'Chrome 120', 'Android 14', 'Mobile'],
  [`${WEBVIEW} [FB_IAB/FB4A;FBAV/445.0.0.34.118;]`, 'Facebook 445', 'Android 14', 'Mobile'],
  [`${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/445.0.0.29.110;FBBV/546618371;FBDV/iPhone14,5]`, 'Facebook 445', 'iOS 17.4', 'Mobile'],
  [`${IPHONE} Mobile/15E148 Instagram 312.0.1.19.124 (iPhone14,5; iOS 17_4; de_DE; scale=3.00)`, 'Instagram 312', 'iOS 17.4', 'Mobile'],
  [`${WEBVIEW} Barcelona 320.0.0.32.109 Android (34/14; 420dpi; 1080x2207)`, 'Threads 320', 'Android 14', 'Mobile'],
  [`${IPHONE} Mobile/15E148 musical_ly_32.5.0 JsSdk/2.0 NetType/WIFI Channel/App ByteLocale/en Region/US`, 'TikTok', 'iOS 17.4', 'Mobile'],
  [`${IPHONE} Mobile/15E148 Snapchat/12.60.0.41 (like Safari/604.1)`, 'Snapchat 12.60', 'iOS 17.4', 'Mobile'],
  [`${IPHONE} Mobile/15E148 [LinkedInApp]/9.29.5614`, 'LinkedIn', 'iOS 17.4', 'Mobile'],
  [`${IPHONE} Mobile/15E148 [Pinterest/iOS]`, 'Pinterest', 'iOS 17.4', 'Mobile'],
  [`${IPHONE} Mobile/15E148 Twitter for iPhone/10.20`, 'Twitter', 'iOS 17.4', 'Mobile'],
  [`${IPHONE} Mobile/15E148 MicroMessenger/8.0.44(0x18002c2d) NetType/WIFI Language/zh_CN`, 'WeChat 8', 'iOS 17.4', 'Mobile'],
  [`${IPHONE} Mobile/15E148 Safari Line/13.20.0`, 'Line 13.20', 'iOS 17.4', 'Mobile'],
  [`${IPHONE} Mobile/15E148 KAKAOTALK 10.4.5`, 'KakaoTalk 10.4', 'iOS 17.4', 'Mobile'],
  [`${IPHONE} Mobile/15E148 NAVER(inapp; search; 2000; 12.4.2; 14PRO)`, 'Naver', 'iOS 17.4', 'Mobile'],

  [`Mozilla/5.0 (SMART-TV; LINUX; Tizen 7.0) ${WEBKIT} 94.0.4606.31/7.0 TV Safari/537.36`, 'Safari', 'Tizen 7', 'TV'],
  [`Mozilla/5.0 (Web0S; Linux/SmartTV) ${WEBKIT} Chrome/94.0.4606.128 Safari/537.36 WebAppManager`, 'Chrome 94', 'webOS', 'TV'],
  [`Mozilla/5.0 (Linux; Android 9; BRAVIA 4K UR2 Build/PTT1) ${WEBKIT} Chrome/99.0.4844.88 Safari/537.36`, 'Chrome 99', 'Android 9', 'TV'],
  [`Mozilla/5.0 (Linux; Andr0id 9; BRAVIA) ${WEBKIT} Chrome/77.0.3865.120 Safari/537.36 OPR/46.0.2207.0 OMI/4.20.5.35`, 'Opera 4.20', 'Android 9', 'TV'],
  ['Mozilla/5.0 (PlayStation; PlayStation 5/6.00) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.4 Safari/605.1.15', 'Safari 15.4', 'PlayStation', 'Console'],
  ['Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/609.4 (KHTML, like Gecko) NF/6.0.2.21.3 NintendoBrowser/5.1.0.22474', 'Safari', 'Nintendo', 'Console'],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) ${WEBKIT} Chrome/110.0.0.0 Safari/537.36 Edg/110.0.1587.57`, 'Microsoft Edge 110', 'Windows 10/11', 'Console'],
  [`Mozilla/5.0 (X11; Linux x86_64; Quest 3) ${WEBKIT} OculusBrowser/32.1.0.37 SamsungBrowser/4.0 Chrome/122.0.6261.64 VR Safari/537.36`, 'Oculus Browser 32.1', 'GNU/Linux', 'Desktop'],
]

test.each(rows)('%s', (agent, ...expected) => {
  expect(summary(readAgent(agent))).toEqual(expected)
})
