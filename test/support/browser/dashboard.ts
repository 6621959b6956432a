import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

/** A page of a browser that has signed in to the dashboard. Its context is its own. */
export async function openDashboard(
  browser: Browser,
  url: string,
  key: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  await page.goto(url)
  await page.fill('#key', key)
  await page.click('button.main')
  await page.waitForURL(({ pathname }) => pathname === '/')
  return page
}

/** What goes wrong in a page from now on: scripts that ran, policies that were broken. */
export function watch(page: Page): readonly string[] {
  const faults: string[] = []
  page.on('dialog', (dialog) => {
    faults.push(dialog.message())
    void dialog.dismiss()
  })
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || /policy/i.test(message.text())) faults.push(message.text())
  })
  return faults
}
