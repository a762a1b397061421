import { describe, test } from 'vitest'
import * as adonisjs from '../../src/adonisjs.ts'
import * as astro from '../../src/astro.ts'
import * as betterAuth from '../../src/better-auth.ts'
import * as koaSession from '../../src/koa-session.ts'
import * as nextjsAuth0 from '../../src/nextjs-auth0.ts'
import * as remix from '../../src/remix.ts'
import * as unstorage from '../../src/unstorage.ts'
import { CASES } from './cases.ts'
import { STORES } from './stores.ts'

const SOCKETS = { adonisjs, astro, betterAuth, koaSession, nextjsAuth0, remix, unstorage }

describe.each(Object.entries(STORES))('over %s', (_, make) => {
  test.each(Object.keys(CASES))('%s', (name) => CASES[name]!(SOCKETS, make()))
})
