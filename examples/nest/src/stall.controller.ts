// biome-ignore-all lint/correctness/noUnusedFunctionParameters: those of decorators are used
import { setTimeout as database } from 'node:timers/promises'
import {
  BadRequestException,
  Body,
  Controller,
  Get,
  Header,
  NotFoundException,
  Param,
  Post,
  Redirect,
  Session,
  UseGuards,
} from '@nestjs/common'
import { page } from './page.js'
import { SignedIn } from './signed-in.guard.js'
import { ITEMS, isItem, isTab, type Visit } from './stall.js'

@Controller()
export class StallController {
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', "default-src 'self'; style-src 'unsafe-inline'")
  async show(@Session() session: Visit) {
    const { owner: user, cart, notes } = session
    return page({ user, cart, notes }, await session.flashes('notice'))
  }

  @Post('sign-in')
  @Redirect('/', 303)
  async signIn(@Session() session: Visit, @Body('name') given: unknown) {
    const name = textOf(given, 40)
    if (name === '') throw new BadRequestException('Who are you?')
    // Another id, and nothing of before but the cart. A real application asks for a password first.
    await session.login(name, { keep: ['cart'] })
    session.flash('notice', `Welcome, ${name}.`)
  }

  @Post('sign-out')
  @UseGuards(SignedIn)
  @Redirect('/', 303)
  async signOut(@Session() session: Visit) {
    await session.logout()
  }

  @Post('cart/:item')
  @Redirect('/', 303)
  add(@Session() session: Visit, @Param('item') item: string) {
    if (!isItem(item)) throw new NotFoundException()
    session.update('cart', (cart = {}) => ({ ...cart, [item]: (cart[item] ?? 0) + 1 }))
    session.flash('notice', `${ITEMS[item]}: added to your cart.`)
  }

  @Post('notes/:tab')
  @Redirect('/', 303)
  async note(@Session() session: Visit, @Param('tab') tab: string, @Body('text') text: unknown) {
    if (!isTab(tab)) throw new NotFoundException()
    await database(1000)
    session.update('notes', (notes = {}) => ({ ...notes, [tab]: textOf(text, 200) }))
  }
}

/** A field of a form, so long at most. */
function textOf(field: unknown, longest: number): string {
  return typeof field === 'string' ? field.trim().slice(0, longest) : ''
}
