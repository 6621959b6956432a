import { expect, test } from 'vitest'
import { plain, tableOf } from '../../adapters/cli/terminal.ts'

test('text of visitors commands no terminal, and is not turned round', () => {
  expect(plain('a\u001b[2Jb\u009b31mc\u007f\r\n\u202edtxt')).toBe(
    'a\ufffd[2Jb\ufffd31mc\ufffd\ufffd\ufffd\ufffddtxt',
  )
  expect(plain('größer 日本 👩‍🚀')).toBe('größer 日本 👩‍🚀')
})

test('a table has its columns below each other', () => {
  const rows = [
    ['日本', 1234, null],
    ['/a\u001b', 5, 0.25],
  ]
  expect(tableOf(['page', 'visitors', 'rate'], rows).split('\n')).toEqual([
    'page  visitors  rate',
    '日本     1,234     -',
    '/a\ufffd          5  0.25',
  ])
  expect(tableOf(['page', 'visitors'], [])).toBe('page  visitors')
})
