import { readAgent } from '../agent/agent.ts'
import { put, type Step } from './making.ts'

/** Browser, system and device: as given, each group as a whole, else as agent and client hints tell. */
export const agent: Step = (making, { sender }) => {
  const { given, isOwn } = making
  const read = readAgent(making.agent ?? '', isOwn ? sender.hints : {})
  const [browser, os] = [given('browser'), given('os')]
  put(making, 'browser', browser ?? read.browser)
  put(
    making,
    'browser_version',
    browser ? given('browser_version') : (given('browser_version') ?? read.browser_version),
  )
  put(making, 'os', os ?? read.os)
  put(making, 'os_version', os ? given('os_version') : (given('os_version') ?? read.os_version))
  put(making, 'device', given('device') ?? read.device)
}
