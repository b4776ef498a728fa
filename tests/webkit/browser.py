"""A browser of WebKitGTK that WebKitWebDriver can drive, and that keeps what pages store.

WebKit's own MiniBrowser forgets everything when it is driven. The system's Python runs this one: it
has the bindings to GTK, NeuroPlay's environment has not.
"""

import sys
from pathlib import Path

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")

from gi.repository import Gtk, WebKit2  # noqa: E402 - only now are their versions chosen


def main(profile: Path) -> None:
    data = WebKit2.WebsiteDataManager(
        base_data_directory=str(profile / "data"), base_cache_directory=str(profile / "cache")
    )
    context = WebKit2.WebContext(website_data_manager=data)
    context.set_automation_allowed(True)

    def started(_: object, session: WebKit2.AutomationSession) -> None:
        about = WebKit2.ApplicationInfo()
        about.set_name("WebKitGTK")
        about.set_version(
            WebKit2.get_major_version(), WebKit2.get_minor_version(), WebKit2.get_micro_version()
        )
        session.set_application_info(about)
        session.connect("create-web-view", tab)

    def tab(_: object) -> WebKit2.WebView:
        settings = WebKit2.Settings(enable_write_console_messages_to_stdout=True)
        view = WebKit2.WebView(
            web_context=context,
            settings=settings,
            is_controlled_by_automation=True,
            visible=True,
        )
        window = Gtk.Window(default_width=1024, default_height=768)
        window.add(view)
        window.show_all()
        window.connect("destroy", Gtk.main_quit)
        view.connect("close", lambda _: window.destroy())
        return view

    context.connect("automation-started", started)
    Gtk.main()


main(Path(sys.argv[1]))
