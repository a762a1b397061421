import { describe, expect, test } from 'vitest'
import { bytesOf, descriptorPath, readCalls } from './calls.ts'

const told = (text: string): string[] =>
  readCalls(text).map(
    ({ phase, call }) => `${call.name} ${phase}${phase === 'returns' ? ` ${call.result}` : ''}`,
  )

const only = (line: string) => readCalls(line)[0]!.call

describe('reading a trace', () => {
  test('a call on one line starts and returns there', () => {
    const line = '345  fdatasync(19</tmp/a/b>) = 0'
    expect(told(line)).toEqual(['fdatasync starts', 'fdatasync returns 0'])
    expect(only(line)).toEqual({
      thread: 345,
      name: 'fdatasync',
      args: ['19</tmp/a/b>'],
      result: 0,
      error: undefined,
    })
  })

  test('a call that another thread cuts in two starts and returns where its halves stand', () => {
    const text = [
      '7 fdatasync(19</s> <unfinished ...>',
      '5 write(19</s>, "x", 1 <unfinished ...>',
      '7 <... fdatasync resumed>)          = 0',
      '5 <... write resumed>) = 1',
    ].join('\n')
    expect(told(text)).toEqual(['fdatasync starts', 'write starts', 'fdatasync returns 0', 'write returns 1'])
    expect(readCalls(text)[1]!.call.args).toEqual(['19</s>', '"x"', '1'])
  })

  test('what a call fills in may stand in its second half', () => {
    const text = '5 pread64(19</s>,  <unfinished ...>\n5 <... pread64 resumed>"\\nab", 65536, 114) = 3'
    expect(only(text)).toMatchObject({ args: ['19</s>', '"\\nab"', '65536', '114'], result: 3 })
  })

  test('a call that never returned has no result', () => {
    expect(told('5 fsync(3</s> <unfinished ...>\n5 +++ killed by SIGKILL +++')).toEqual(['fsync starts'])
    expect(only('5 exit_group(0) = ?').result).toBeUndefined()
  })

  test('errors keep their name, those that strace put there included', () => {
    expect(only('5 fdatasync(3</s>) = -1 EIO (Input/output error) (INJECTED)')).toMatchObject({
      result: -1,
      error: 'EIO',
    })
    expect(only('5 mkdir("/a", 0700) = -1 EEXIST (File exists)')).toMatchObject({
      result: -1,
      error: 'EEXIST',
    })
    expect(only('5 fsync(3</s>) = 0 (DELAYED)')).toMatchObject({ result: 0, error: undefined })
  })

  test('commas, brackets and quotes within texts, structures and paths do not divide arguments', () => {
    const text =
      '5 writev(20<socket:[9]>, [{iov_base="a, \\"b\\") = 1", iov_len=9}, {iov_base="", iov_len=0}], 2) = 9'
    expect(only(text).args).toEqual([
      '20<socket:[9]>',
      '[{iov_base="a, \\"b\\") = 1", iov_len=9}, {iov_base="", iov_len=0}]',
      '2',
    ])
    expect(only('5 openat(AT_FDCWD</a, (b)>, "/c", O_RDWR|O_CREAT, 0600) = 19</c>')).toMatchObject({
      args: ['AT_FDCWD</a, (b)>', '"/c"', 'O_RDWR|O_CREAT', '0600'],
      result: 19,
    })
  })

  test('signals and the ends of threads are no calls', () => {
    expect(readCalls('5 --- SIGURG {si_signo=SIGURG} ---\n5 +++ exited with 0 +++\n')).toEqual([])
  })

  test('a line that is not understood is an error, and not left out', () => {
    expect(() => readCalls('5 what is this')).toThrow('Not a call')
    expect(() => readCalls('5 <... write resumed>) = 1')).toThrow('never began')
  })
})

describe('arguments', () => {
  test('texts give their bytes', () => {
    expect(bytesOf('"a\\n\\t\\"\\\\\\0\\303\\244\\1x"')).toEqual(Buffer.from('a\n\t"\\\0ä\x01x'))
  })

  test('a text that strace has shortened is refused', () => {
    expect(() => bytesOf('"abc"...')).toThrow('Not a whole text')
  })

  test('descriptors give their paths', () => {
    expect(descriptorPath('19</tmp/a>')).toBe('/tmp/a')
    expect(descriptorPath('19')).toBeUndefined()
  })
})
