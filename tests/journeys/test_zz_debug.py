import time
def test_x(bob, scene, tracker, capsys):
    scene.postback(tracker.url("/postback"))
    c=bob.click(scene.code, sub1="trk-1", sub2="banner")
    bob.report(click_id=c, goal="registration")
    for _ in range(6):
        time.sleep(6)
        a=bob.read(f"statistics?affiliate_id={scene.affiliate}")
        with capsys.disabled(): print(a["as_of"], a["total"]["clicks"], a["total"]["approved"], bob.read(f"clicks/{c}")["test"], bob.read(f"clicks/{c}")["created_at"])
    with capsys.disabled(): print(a)
