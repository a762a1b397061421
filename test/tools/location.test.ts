import { describe, expect, test } from 'vitest'
import { locationOf } from '../../src/tools/cli/location.ts'
import type { Location } from '../../src/tools/cli/locations.ts'

const URL_IN_ENV = 'redis://me:in-env@host'

function parsed(text: string): Location {
  return locationOf(text, {
    option: '--to',
    env: { STORE: URL_IN_ENV, NESTED: 'env:STORE', EMPTY: '' },
    cwd: '/app',
  })
}

describe('a store on the command line', () => {
  test.each([
    ['file:./.sessions', { kind: 'file', directory: '/app/.sessions', label: 'file:./.sessions' }],
    ['file:/var/sessions', { kind: 'file', directory: '/var/sessions' }],
    ['file:///var/my%20sessions', { kind: 'file', directory: '/var/my sessions' }],
    [
      'redis://host',
      { tls: false, cluster: false, nodes: [{ host: 'host', port: 6379 }], label: 'redis://host:6379' },
    ],
    [
      'valkeys://host:1',
      { kind: 'redis', tls: true, nodes: [{ host: 'host', port: 1 }], label: 'rediss://host:1' },
    ],
    ['redis://[::1]:1/2', { nodes: [{ host: '::1', port: 1 }], database: 2 }],
    ['redis://me:pass@host', { username: 'me', password: 'pass', label: 'redis://host:6379' }],
    ['redis://:p%40%2Fss@host', { password: 'p@/ss', secrets: ['p%40%2Fss', 'p@/ss'] }],
    ['redis://:p@ss:w@host', { password: 'p@ss:w' }],
    ['redis://host?prefix=shop%3A', { prefix: 'shop:', label: 'redis://host:6379 (prefix shop:)' }],
    [
      'rediss+cluster://:pass@a:1,b',
      {
        tls: true,
        cluster: true,
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 6379 },
        ],
        password: 'pass',
      },
    ],
    [
      'postgresql://me:pass@host/db?sslmode=require&table=app.s',
      {
        kind: 'postgres',
        url: 'postgres://me:pass@host/db?sslmode=require',
        table: 'app.s',
        label: 'postgres://host:5432/db (table app.s)',
      },
    ],
    [
      'postgres:///db?host=/run&password=hidden',
      { url: 'postgres:///db?host=/run&password=hidden', secrets: ['hidden'] },
    ],
    ['env:STORE', { password: 'in-env' }],
  ])('%s', (text, expected) => {
    expect(parsed(text)).toMatchObject(expected)
  })

  test.each([
    ['./.sessions', /--to is none of the forms/],
    ['mysql://u:secret@host', /none of the forms/],
    ['file:', /comes a directory/],
    ['file://host/secret', /file:\/\/\/the\/directory/],
    ['redis:host', /not a URL of the form/],
    ['redis://', /names no host/],
    ['redis://u:secret', /not a URL/],
    ['redis://u:secret/x@host', /written as %/],
    ['redis://u:secret#x@host', /written as %/],
    ['redis://u:%secret@host', /written as %/],
    ['redis://host:99999', /not a URL/],
    ['redis://a,b', /redis\+cluster:\/\//],
    ['redis://host/secret', /number of a database/],
    ['redis+cluster://host/2', /a cluster has none/],
    ['redis://host?perfix=secret', /only `prefix`/],
    ['redis://host?table=secret', /only `prefix`/],
    ['postgres://host/db?prefix=secret', /`table`/],
    ['env:NOPE', /no variable NOPE/],
    ['env:EMPTY', /no variable EMPTY/],
    ['env:NESTED', /no variable NESTED/],
    ['env:secret@host', /comes the name of a variable/],
  ])('%s is refused, and not quoted', (text, message) => {
    expect(() => parsed(text)).toThrow(message)
    expect(() => parsed(text)).not.toThrow(/secret/)
  })

  test('a variable with something else is named, and not quoted', () => {
    const refuse = (): Location => locationOf('env:A', { option: '--to', env: { A: 'se:cret' }, cwd: '/' })
    expect(refuse).toThrow(/--to \(the variable A\) is none of/)
    expect(refuse).not.toThrow(/cret/)
  })
})
