import { describe, expect, test } from 'vitest'
import { networkOf } from '../src/ip.ts'
import type { SipKey } from '../src/siphash.ts'
import { visitorId } from '../src/visitor.ts'

const secret: SipKey = [1, 2, 3, 4]

describe('a visitor', () => {
  test('is told by address and agent, and by nothing but the day and the collection', () => {
    const id = visitorId({ address: '192.0.2.1', agent: 'a' }, 'site', secret)
    expect(id).toMatch(/^[0-9a-f]{16}$/)
    expect(visitorId({ address: '192.0.2.1', agent: 'a' }, 'site', secret)).toBe(id)
    const others = [
      visitorId({ address: '192.0.2.2', agent: 'a' }, 'site', secret),
      visitorId({ address: '192.0.2.1', agent: 'b' }, 'site', secret),
      visitorId({ address: '192.0.2.1', agent: 'a' }, 'other', secret),
      visitorId({ address: '192.0.2.1', agent: 'a' }, 'site', [1, 2, 3, 5]),
      visitorId({ visitor: '192.0.2.1', agent: 'a' }, 'site', secret),
    ]
    expect(new Set([id, ...others]).size).toBe(6)
  })

  test('is nobody where nothing tells him', () => {
    expect(visitorId({}, 'site', secret)).toBeUndefined()
  })

  test('parts do not run into each other', () => {
    const one = visitorId({ address: '1', agent: '11:x' }, 'site', secret)
    expect(visitorId({ address: '11', agent: '1:x' }, 'site', secret)).not.toBe(one)
  })
})

describe('a network', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:0001:2::9', '2001:db8:1:2'],
    ['[2001:db8::1]', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['junk', 'junk'],
  ]
  test.each(cases)('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})
