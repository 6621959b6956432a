import { startChromium } from './test/support/chromium.ts'
const [,, search='', name='shot', width='1280', scheme='light', full='1'] = process.argv
const browser = await startChromium()
const context = await browser.newContext({ viewport: { width: Number(width), height: Math.min(2160, Math.max(800, Number(width)*9/16|0)) }, colorScheme: scheme as 'light' })
const page = await context.newPage()
page.on('console', m => console.log(m.type(), m.text()))
page.on('pageerror', e => console.log('ERR', e.message))
await page.goto('http://127.0.0.1:4377/')
await page.fill('#key', 'an-admin-key-for-tests'); await page.click('button.main'); await page.waitForURL(u=>u.pathname==='/')
const r = await page.goto('http://127.0.0.1:4377/' + search)
console.log(r?.status())
await page.waitForTimeout(Number(process.env.WAIT ?? 500))
await page.screenshot({ path: `/tmp/${name}.png`, fullPage: full==='1' })
await browser.close()
