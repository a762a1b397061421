import 'reflect-metadata'
import { Body, Controller, ForbiddenException, Get, Module, Post, Req, Session } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'

const promised = (run) =>
  new Promise((resolve, reject) => {
    run((error) => (error ? reject(error) : resolve()))
  })

/** A controller with decorators, which TypeScript would put in front of what they are for. */
function controllerWith(gate) {
  class ShopController {
    async login(req, { name }) {
      await promised((done) => req.session.regenerate(done))
      req.session.user = name
      return { user: name }
    }

    async logout(req) {
      await promised((done) => req.session.destroy(done))
      return {}
    }

    add(session, { item }) {
      session.cart = item
      return {}
    }

    async addSlowly(session) {
      await gate.pass()
      session.note = 'slow'
      return {}
    }

    account(session) {
      if (session.user === undefined) throw new ForbiddenException()
      return { account: session.user }
    }

    values(session) {
      const { cookie, ...values } = session
      return values
    }
  }
  const routes = [
    ['login', Post('login'), Req(), Body()],
    ['logout', Post('logout'), Req()],
    ['add', Post('add'), Session(), Body()],
    ['addSlowly', Post('add-slowly'), Session()],
    ['account', Get('account'), Session()],
    ['values', Get(), Session()],
  ]
  const prototype = ShopController.prototype
  for (const [name, route, ...parameters] of routes) {
    for (const [position, parameter] of parameters.entries()) parameter(prototype, name, position)
    route(prototype, name, Object.getOwnPropertyDescriptor(prototype, name))
  }
  Controller()(ShopController)
  return ShopController
}

/** NestJS on an Express of the application's. */
export default async function application({ express, session, gate }) {
  class ShopModule {}
  Module({ controllers: [controllerWith(gate)] })(ShopModule)
  const app = express()
  // Its own parser needs Express 5.
  app.use(express.json())
  const options = { logger: false, bodyParser: false }
  const nest = await NestFactory.create(ShopModule, new ExpressAdapter(app), options)
  nest.use(session({ secret: 'a secret of the application', resave: false, saveUninitialized: false }))
  await nest.init()
  return app
}
