/** @file Entry of the renderer: styles, transport, the app. */
import { mount } from 'svelte';
import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/queueRows.css';
import App from './App.svelte';
import { createTransport } from './transport/createTransport.ts';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app.');
mount(App, { target, props: { transport: createTransport() } });
