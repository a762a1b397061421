import { describe, expect, onTestFinished, test } from 'vitest'
import { whole } from '../support/whole.ts'
import { Project, type RunningStall, StallVisitor, startStall } from './stall.ts'

async function started(file: string): Promise<RunningStall> {
  const project = new Project()
  const running = await startStall(project, file)
  onTestFinished(() => {
    running.kill()
    project.remove()
  })
  return running
}

/** What stands in the last column of a section of the race, by the rows. */
async function raced(address: string, round: string): Promise<Record<string, string>> {
  const answer = await fetch(`${address}/race/${round}`, { method: 'POST', headers: { origin: address } })
  expect(answer.status).toBe(200)
  const section = (await answer.text()).split(`id="${round}"`)[1]!.split('</section>')[0]!
  const rows = section.matchAll(/data-of="([^"]+)".*?<\/td><td><span class="\w+">([^<]+)/gs)
  return Object.fromEntries([...rows].map(([, id, found]) => [id, found]))
}

describe.each(whole ? ['untorn.js', 'express-session.js'] : ['untorn.js'])('the stall, by %s', (file) => {
  test('fills a cart, signs in with it under a new id, shows a notice once, signs out', async () => {
    const { address } = await started(file)
    const visitor = new StallVisitor()
    expect(await visitor.values(address)).toEqual({})
    expect(visitor.cookie).toBe('')
    expect(await visitor.post(address, '/cart/kite/add')).toBe(303)
    const planted = visitor.cookie
    expect(await visitor.post(address, '/sign-in', { name: 'Ada', password: 'wrong' })).toBe(303)
    expect(await visitor.values(address)).toMatchObject({
      notice: 'That is not the name and password of anybody here.',
    })
    expect(await visitor.signIn(address, 'Ada')).toBe(303)
    expect(visitor.cookie).not.toBe(planted)
    expect(await visitor.page(address, '/')).toContain('Welcome, Ada.')
    expect(await visitor.page(address, '/')).not.toContain('Welcome, Ada.')
    expect(await visitor.values(address)).toMatchObject({ user: 'Ada', cart: { kite: 1 } })
    expect(await visitor.post(address, '/sign-out')).toBe(303)
    expect(await visitor.values(address)).toEqual({})
  })

  // Each start of it takes seconds: the short run has one.
  test.runIf(whole)('refuses forms of another site, has no such item, and shows text as text', async () => {
    const { address } = await started(file)
    const foreign = await fetch(`${address}/cart/kite/add`, {
      method: 'POST',
      headers: { origin: 'http://elsewhere.example' },
    })
    expect(foreign.status).toBe(403)
    const visitor = new StallVisitor()
    expect(await visitor.post(address, '/cart/nothing/add')).toBe(404)
    expect(await visitor.post(address, '/race/nothing')).toBe(404)
    expect(await visitor.post(address, '/notes/left', { text: '<b>"bold"</b>' })).toBe(200)
    expect(await visitor.page(address, '/notes')).toContain('&#60;b&#62;&#34;bold&#34;&#60;/b&#62;')
  })
})

// What each keeps is asked of the drop-in itself by express-session/overlap; the page of it, which takes seconds, in the whole run.
describe.runIf(whole)('the race of the stall', () => {
  test('shows what each keeps, and where each loses', async () => {
    const { address } = await started('untorn.js')
    const lost = '1 of 50'
    expect(await raced(address, 'values')).toEqual({
      untorn: '50 of 50',
      memory: lost,
      file: lost,
      'kept-store': lost,
    })
    expect(await raced(address, 'sign-out')).toEqual({
      untorn: 'nobody',
      memory: 'Ada is back',
      file: 'Ada is back',
      'kept-store': 'Ada is back',
    })
    expect(await raced(address, 'count')).toEqual({
      untorn: lost,
      memory: lost,
      file: lost,
      'kept-store': lost,
    })
  })
})
